import { ObjectCache } from '../cluster/object-cache.ts';
import { INSTANCES } from '../cluster/resources.ts';
import type { Instance, PlanStatus } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import { withAuthorsOnly } from '../model/field-author.ts';
import { keyOf } from '../model/kube-object.ts';
import { humanAge } from '../sandbox/human-age.ts';
import type { CommandContext } from './command-context.ts';
import {
  followSecretValues,
  secretValuesReader,
  shownRun,
  type SecretsOf,
} from './instance-secrets.ts';
import { listAll } from './open-cluster.ts';
import { isStructured, structured } from './output.ts';
import { requireLists } from './require-lists.ts';
import type { Selection } from './show-objects.ts';
import { paintState, stylesFor } from './styles.ts';
import { Table } from './table.ts';
import { untilStopped } from './until-stopped.ts';

/** One plan of one Instance and how its last run went; secret values are masked. */
interface ShownPlan {
  readonly namespace: string;
  readonly instance: string;
  readonly plan: string;
  readonly status: PlanStatus;
}

/** `get plans`: every plan of the Instances and how its last run went. */
export async function showPlans(selection: Selection, context: CommandContext): Promise<void> {
  const { client, namespace, name, output, watch } = selection;
  if (watch) {
    await followPlans(selection, context);
    return;
  }
  const instances = await listAll<Instance>(client, { ...INSTANCES, namespace }, context.scope);
  const chosen = instances.filter(({ metadata }) => name === undefined || metadata.name === name);
  if (name !== undefined && chosen.length === 0) {
    throw new Failure('missing', `there is no instance ${name}`, {
      hint: `there: ${instances.map(keyOf).slice(0, 5).join(', ') || 'none'}`,
    });
  }
  const secretsOf = await secretValuesReader(client, context.scope);
  const plans = plansOf(chosen, secretsOf);
  if (isStructured(output)) context.out(structured(plans, output));
  else if (output === 'name') context.out(plans.map((one) => `${keyText(one)}\n`).join(''));
  else if (plans.length === 0) context.err('No plans found.\n');
  else {
    const table = tableOf(plans, output === 'wide', context);
    context.out([table.header, ...plans.map((plan) => table.row(plan))].join(''));
  }
}

/** Every plan as it is now, and then each that changes, until stopped. */
async function followPlans(selection: Selection, context: CommandContext): Promise<void> {
  const { client, namespace, name } = selection;
  const { scope } = context;
  await requireLists([INSTANCES], namespace, client, scope);
  const secretsOf = await followSecretValues(client, scope);
  const cache = new ObjectCache<Instance>(
    { client, path: { ...INSTANCES, namespace } },
    { keepManagedFields: withAuthorsOnly },
  );
  cache.start(scope);
  await cache.synced;
  const news = notSeenBefore();
  const newsOf = (instances: readonly Instance[]): readonly ShownPlan[] =>
    news(
      plansOf(
        instances.filter(({ metadata }) => name === undefined || metadata.name === name),
        secretsOf,
      ),
    );
  const first = newsOf(cache.list());
  const rowOf = planPrinter(first, selection, context);
  for (const plan of first) context.out(rowOf(plan));
  cache.onChange((_, instance) => {
    for (const plan of instance ? newsOf([instance]) : []) context.out(rowOf(plan));
  });
  await untilStopped(scope);
}

/** A filter that lets a plan pass that stands otherwise than when it passed last. */
function notSeenBefore(): (plans: readonly ShownPlan[]) => readonly ShownPlan[] {
  const seen = new Map<string, string>();
  return (plans) =>
    plans.filter((plan) => {
      const text = JSON.stringify(plan.status);
      const isNew = seen.get(keyText(plan)) !== text;
      seen.set(keyText(plan), text);
      return isNew;
    });
}

/** What prints a plan; the header of a table is printed at once. */
function planPrinter(
  first: readonly ShownPlan[],
  { output }: Selection,
  context: CommandContext,
): (plan: ShownPlan) => string {
  if (isStructured(output)) {
    const separator = output === 'yaml' ? '---\n' : '';
    return (plan) => separator + structured(plan, output);
  }
  if (output === 'name') return (plan) => `${keyText(plan)}\n`;
  const table = tableOf(first, output === 'wide', context);
  context.out(table.header);
  return (plan) => table.row(plan);
}

const keyText = ({ namespace, instance, plan }: ShownPlan): string =>
  `${namespace}/${instance}/${plan}`;

function plansOf(instances: readonly Instance[], secretsOf: SecretsOf): readonly ShownPlan[] {
  return instances
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .flatMap((instance) => {
      const { namespace = '', name } = instance.metadata;
      const secrets = secretsOf(instance);
      return Object.entries(instance.status?.planStatus ?? {}).map(([plan, status]) => ({
        namespace,
        instance: name,
        plan,
        status: shownRun(instance, status, secrets),
      }));
    });
}

function tableOf(
  plans: readonly ShownPlan[],
  isWide: boolean,
  context: CommandContext,
): Table<ShownPlan> {
  const styles = stylesFor(context);
  const { clock } = context.scope;
  return new Table<ShownPlan>(
    [
      { header: 'NAMESPACE', text: ({ namespace }) => namespace },
      { header: 'INSTANCE', text: ({ instance }) => instance },
      { header: 'PLAN', text: ({ plan }) => plan },
      {
        header: 'STATUS',
        text: ({ status }) => status.status,
        paint: (text) => paintState(text, styles),
      },
      { header: 'PHASES', text: ({ status }) => phasesText(status) },
      {
        header: 'UPDATED',
        text: ({ status: { lastUpdatedTimestamp: time } }) =>
          time === undefined || time === null ? '' : `${humanAge(time, clock.now())} ago`,
      },
      { header: 'AT', text: ({ status }) => placeText(status) },
      { header: 'UID', isWide: true, text: ({ status }) => status.uid ?? '' },
    ],
    plans,
    isWide,
  );
}

function phasesText({ phases = [], status }: PlanStatus): string {
  if (status === 'NEVER_RUN') return '';
  const done = phases.filter((phase) => phase.status === 'COMPLETE');
  return `${done.length}/${phases.length}`;
}

/** The step that runs or failed, with what is said of it. */
function placeText({ phases = [], status, message = '' }: PlanStatus): string {
  if (isQuiet(status)) return '';
  const [found] = phases.flatMap((phase) => {
    const step = phase.steps?.find((one) => !isQuiet(one.status));
    return step ? [{ place: `${phase.name}/${step.name}`, said: step.message ?? message }] : [];
  });
  if (!found) return message;
  return found.said === '' ? found.place : `${found.place}: ${found.said}`;
}

const isQuiet = (status: string): boolean => /^(COMPLETE|NEVER_RUN|PENDING)$/.test(status);
