import { Command } from 'commander';
import { planHistory, type PlanRecords, type RanPlan } from '../audit/plan-history.ts';
import { getIfThere } from '../cluster/apply-object.ts';
import type { KubeClient, Resource } from '../cluster/kube-client.ts';
import { INSTANCES, pathOf, PLAN_RUNS, ROLLOUT_PARTS, ROLLOUTS } from '../cluster/resources.ts';
import type { Instance } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { splitKey, type KubeObject, type ObjectKey } from '../model/kube-object.ts';
import type { PlanRun } from '../model/plan-run.ts';
import { shortOid } from '../model/revision.ts';
import type { Rollout, RolloutPart } from '../model/rollout.ts';
import { humanDuration } from '../sandbox/human-age.ts';
import type { CommandContext } from './command-context.ts';
import { secretValuesReader, shownRun } from './instance-secrets.ts';
import { instanceKey, noInstance } from './named-instance.ts';
import {
  listAll,
  type NamespacedOptions,
  openCluster,
  type OpenCluster,
  withClusterOptions,
} from './open-cluster.ts';
import { isStructured, outputOption, structured, withExamples } from './output.ts';
import { paintState, stylesFor } from './styles.ts';
import { Table } from './table.ts';

interface HistoryOptions extends NamespacedOptions {
  readonly output: 'table' | 'wide' | 'json' | 'yaml';
}

/** `kudo-gitops plan history`: every plan that ran for an Instance, as Rollouts, PlanRuns and KUDO remember it. */
export function planHistoryCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('history').description(
      'list the plans that ran for an Instance, newest first: when, how they ended, how long they took, and the commit, PlanRun or schedule that asked for them',
    ),
  )
    .argument('<instance>', 'name, or <namespace>/<name>')
    .option(
      '-n, --namespace <name>',
      "namespace of the Instance; the kubeconfig context's when absent",
    )
    .addOption(outputOption(['table', 'wide', 'json', 'yaml']))
    .action(async (name: string, options: HistoryOptions) => {
      await showHistory(name, options, context);
    });
  return withExamples(command, [
    ['What ran, and for whom', 'plan history orders -n shop'],
    ['With uids and whole messages', 'plan history orders -n shop -o wide'],
    ['For a program', 'plan history shop/orders -o json'],
  ]);
}

async function showHistory(
  name: string,
  options: HistoryOptions,
  context: CommandContext,
): Promise<void> {
  const { scope } = context;
  const cluster = await openCluster(options, context);
  const key = instanceKey(name, cluster.namespace);
  const records = await readRecords(key, cluster, scope);
  const runs = planHistory(key, records);
  if (runs.length === 0 && !records.instance) throw await noInstance(key, cluster, scope);
  const { output } = options;
  if (isStructured(output)) context.out(structured(runs, output));
  else if (runs.length === 0) context.err(`No plan of ${key} has run.\n`);
  else context.out(tableOf(runs, output === 'wide', context));
}

async function readRecords(
  key: ObjectKey,
  { client }: OpenCluster,
  scope: Scope,
): Promise<PlanRecords> {
  const { namespace } = splitKey(key);
  const found = await getIfThere<Instance>(client, pathOf(INSTANCES, key), scope);
  const rollouts = await wherePossible<Rollout>(ROLLOUTS, namespace, client, scope);
  const hasParts = rollouts.some(({ status }) => (status?.parts ?? 0) > 0);
  const parts = hasParts
    ? await wherePossible<RolloutPart>(ROLLOUT_PARTS, namespace, client, scope)
    : [];
  const path = { ...PLAN_RUNS, namespace };
  const planRuns = await listAll<PlanRun>(client, path, scope).catch(noneIfUnknown);
  return { instance: found && (await masked(found, client, scope)), rollouts, parts, planRuns };
}

/** Everywhere, since a Sync may be in another namespace; where that is not allowed, in the Instance's own. */
async function wherePossible<T extends KubeObject>(
  resource: Resource,
  namespace: string,
  client: KubeClient,
  scope: Scope,
): Promise<readonly T[]> {
  try {
    return await listAll<T>(client, resource, scope);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind !== 'denied') return noneIfUnknown(thrown);
    return listAll<T>(client, { ...resource, namespace }, scope);
  }
}

/** Before the custom resources are installed KUDO has plans all the same. */
function noneIfUnknown(thrown: unknown): readonly never[] {
  if (thrown instanceof Failure && thrown.kind === 'missing') return [];
  throw thrown;
}

/** What KUDO says of steps may quote secret values; what the service recorded does not. */
async function masked(instance: Instance, client: KubeClient, scope: Scope): Promise<Instance> {
  const secrets = (await secretValuesReader(client, scope))(instance);
  const planStatus = Object.fromEntries(
    Object.entries(instance.status?.planStatus ?? {}).map(([plan, status]) => [
      plan,
      shownRun(instance, status, secrets),
    ]),
  );
  return { ...instance, status: { ...instance.status, planStatus } };
}

function tableOf(runs: readonly RanPlan[], isWide: boolean, context: CommandContext): string {
  const styles = stylesFor(context);
  const table = new Table<RanPlan>(
    [
      { header: 'WHEN', text: (run) => secondOf(run.startedAt ?? run.finishedAt) },
      { header: 'PLAN', text: ({ plan }) => plan },
      {
        header: 'OUTCOME',
        text: ({ outcome }) => outcome,
        paint: (text) => paintState(text, styles),
      },
      { header: 'TOOK', text: tookText },
      { header: 'FOR', text: forText },
      { header: 'UID', text: ({ uid }) => uid },
      { header: 'ATTEMPT', isWide: true, text: ({ attempt }) => String(attempt ?? '') },
      { header: 'ROLLOUT', isWide: true, text: ({ rollout }) => rollout ?? '' },
      { header: 'MESSAGE', text: ({ message }) => message ?? '' },
    ],
    runs,
    isWide,
  );
  return [table.header, ...runs.map((run) => table.row(run))].join('');
}

/** `2026-03-01 12:30:05Z` */
function secondOf(time: string | undefined): string {
  const at = new Date(time ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

function tookText({ startedAt, finishedAt }: RanPlan): string {
  const ms = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '');
  return Number.isNaN(ms) ? '' : ms < 1_000 ? '<1s' : humanDuration(ms);
}

/** What asked for it: `1a2b3c4 Ann: three brokers`, `PlanRun backup-1 (1a2b3c4 Ann)`, … */
function forText({ commit, planRun, planSchedule, requestedBy }: RanPlan): string {
  const who = commit && `${shortOid(commit.oid)} ${commit.author}`;
  if (planSchedule !== undefined) return `PlanSchedule ${planSchedule}`;
  if (planRun !== undefined) return `PlanRun ${planRun} (${who ?? requestedBy ?? 'made by hand'})`;
  return commit && who !== undefined ? `${who}: ${commit.subject}` : 'others';
}
