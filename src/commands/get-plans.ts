import type { KubeClient } from '../cluster/kube-client.ts';
import { INSTANCES } from '../cluster/resources.ts';
import type { Instance, PlanStatus } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf } from '../model/kube-object.ts';
import { maskPlanStatus } from '../plan/mask-secrets.ts';
import { humanAge } from '../sandbox/human-age.ts';
import type { CommandContext } from './command-context.ts';
import { secretValuesReader } from './instance-secrets.ts';
import { listAll } from './open-cluster.ts';
import { isStructured, structured } from './output.ts';
import type { Selection } from './show-objects.ts';
import { paintState, stylesFor } from './styles.ts';
import { Table } from './table.ts';

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
    const hint = 'follow them with "get instances -w"';
    throw new Failure('invalid', 'get plans does not watch', { hint });
  }
  const instances = await listAll<Instance>(client, { ...INSTANCES, namespace }, context.scope);
  const chosen = instances.filter(({ metadata }) => name === undefined || metadata.name === name);
  if (name !== undefined && chosen.length === 0) {
    throw new Failure('missing', `there is no instance ${name}`, {
      hint: `there: ${instances.map(keyOf).slice(0, 5).join(', ') || 'none'}`,
    });
  }
  const plans = await plansOf(chosen, client, context.scope);
  if (isStructured(output)) context.out(structured(plans, output));
  else if (output === 'name') context.out(plans.map((one) => `${keyText(one)}\n`).join(''));
  else if (plans.length === 0) context.err('No plans found.\n');
  else context.out(tableOf(plans, output === 'wide', context));
}

const keyText = ({ namespace, instance, plan }: ShownPlan): string =>
  `${namespace}/${instance}/${plan}`;

async function plansOf(
  instances: readonly Instance[],
  client: KubeClient,
  scope: Scope,
): Promise<readonly ShownPlan[]> {
  const secretsOf = await secretValuesReader(client, scope);
  return instances
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .flatMap((instance) => {
      const { namespace = '', name } = instance.metadata;
      const secrets = secretsOf(instance);
      return Object.entries(instance.status?.planStatus ?? {}).map(([plan, status]) => ({
        namespace,
        instance: name,
        plan,
        status: maskPlanStatus(status, secrets),
      }));
    });
}

function tableOf(plans: readonly ShownPlan[], isWide: boolean, context: CommandContext): string {
  const styles = stylesFor(context);
  const now = context.scope.clock.now();
  const table = new Table<ShownPlan>(
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
          time === undefined || time === null ? '' : `${humanAge(time, now)} ago`,
      },
      { header: 'AT', text: ({ status }) => placeText(status) },
      { header: 'UID', isWide: true, text: ({ status }) => status.uid ?? '' },
    ],
    plans,
    isWide,
  );
  return [table.header, ...plans.map((plan) => table.row(plan))].join('');
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
