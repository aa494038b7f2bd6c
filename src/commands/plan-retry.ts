import { Command } from 'commander';
import { getIfThere } from '../cluster/apply-object.ts';
import { INSTANCES, pathOf, ROLLOUT_PARTS, ROLLOUTS, SYNCS } from '../cluster/resources.ts';
import type { Instance } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION, FIELD_MANAGER } from '../model/names.ts';
import type { ChangeRecord, Rollout, RolloutPart } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { isOutdone } from '../plan/rollout-verdict.ts';
import { failedCleanup } from '../plan/settle-deletion.ts';
import type { CommandContext } from './command-context.ts';
import { readSync, syncKey } from './named-sync.ts';
import {
  listAll,
  type NamespacedOptions,
  openCluster,
  type OpenCluster,
  withClusterOptions,
} from './open-cluster.ts';
import { withExamples } from './output.ts';

/** `kudo-gitops plan retry`: asks for another run of plans that failed. */
export function planRetryCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('retry').description(
      'run failed plans again: that of one Instance, or all of a Sync; what they hold goes on afterwards',
    ),
  )
    .argument('<instance|sync>', 'name of an Instance, <namespace>/<name>, or sync/<name>')
    .option(
      '-n, --namespace <name>',
      "namespace to look into; the kubeconfig context's when absent",
    )
    .action(async (name: string, options: NamespacedOptions) => {
      await retry(name, options, context);
    });
  return withExamples(command, [
    [
      'After the full disk was cleared: run the failed plan of an Instance again',
      'plan retry orders -n shop',
    ],
    ['All plans that failed in the newest rollout of a Sync', 'plan retry sync/fleet -n shop'],
  ]);
}

async function retry(
  name: string,
  options: NamespacedOptions,
  context: CommandContext,
): Promise<void> {
  const { scope } = context;
  const cluster = await openCluster(options, context);
  const { sync, target } = await findTarget(name, cluster, scope);
  const failed = (await newestChanges(sync, cluster, scope)).filter(
    ({ key, record }) => record.state === 'failed' && (target === '*' || target === key),
  );
  const what = target === '*' ? `sync/${keyOf(sync)}` : target;
  if (failed.length === 0) {
    const hint = `kudo-gitops get rollouts -n ${sync.metadata.namespace ?? ''}`;
    throw new Failure('missing', `nothing of ${what} has failed in the newest rollout`, { hint });
  }
  const obstacles = await obstaclesOf(failed, cluster, scope);
  const tried = failed.filter((one) => !obstacles.has(one));
  const [obstacle] = obstacles.values();
  if (tried.length === 0 && obstacle) throw obstacle;
  const request = `${new Date(scope.clock.now()).toISOString()} ${target}`;
  const body = { metadata: { annotations: { [ANNOTATION.retry]: request } } };
  const patch = { type: 'merge', body, fieldManager: FIELD_MANAGER } as const;
  await cluster.client.patch(pathOf(SYNCS, keyOf(sync)), patch, scope);
  for (const { key, record } of tried) context.out(`${key}: plan ${record.plan} is to run again\n`);
}

/** Of the failures that another run of a plan does not help: why. */
async function obstaclesOf(
  failed: readonly FailedChange[],
  { client }: OpenCluster,
  scope: Scope,
): Promise<ReadonlyMap<FailedChange, Failure>> {
  const obstacles = new Map<FailedChange, Failure>();
  for (const one of failed) {
    const { key, record } = one;
    if (record.cause === 'timeout') {
      const hint = 'push a commit that cures it, or give it up with kudo-gitops plan abandon';
      obstacles.set(one, new Failure('invalid', `the plan of ${key} still runs`, { hint }));
    } else if (record.kind === 'delete') {
      const observed = await getIfThere<Instance>(client, pathOf(INSTANCES, key), scope);
      if (failedCleanup(observed) !== undefined) continue;
      const why = `${key} is being deleted, and no cleanup of it can run again`;
      obstacles.set(one, new Failure('invalid', why, { hint: record.message }));
    }
  }
  return obstacles;
}

interface Target {
  readonly sync: Sync;
  /** `*` for everything of the Sync. */
  readonly target: ObjectKey | '*';
}

async function findTarget(name: string, cluster: OpenCluster, scope: Scope): Promise<Target> {
  const asSync = /^syncs?\/(.+)$/.exec(name)?.[1];
  if (asSync !== undefined) return { sync: await readSync(asSync, cluster, scope), target: '*' };
  const key = syncKey(name.replace(/^instances?\//, ''), cluster.namespace);
  const instance = await getIfThere<Instance>(cluster.client, pathOf(INSTANCES, key), scope);
  const syncs = await listAll<Sync>(cluster.client, SYNCS, scope);
  const owner = instance?.metadata.annotations?.[ANNOTATION.owner];
  const sync = syncs.find(({ metadata }) => owner === `${metadata.uid ?? ''}:${key}`);
  if (sync) return { sync, target: key };
  const message = instance
    ? `Instance ${key} belongs to no Sync that is there`
    : `there is no Instance ${key}`;
  const hint = 'name an Instance as namespace/name, or a Sync as sync/name';
  throw new Failure('missing', message, { hint });
}

interface FailedChange {
  readonly key: ObjectKey;
  readonly record: ChangeRecord;
}

/** The changes of the Sync's newest Rollout; of each Instance those that nothing has taken the place of. */
async function newestChanges(
  sync: Sync,
  { client }: OpenCluster,
  scope: Scope,
): Promise<readonly FailedChange[]> {
  const { namespace, uid } = sync.metadata;
  const all = await listAll<Rollout>(client, { ...ROLLOUTS, namespace }, scope);
  const newest = all
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
    .toSorted((a, b) => a.spec.sequence - b.spec.sequence)
    .at(-1);
  if (!newest) return [];
  const hasParts = (newest.status?.parts ?? 0) > 0;
  const parts = hasParts
    ? await listAll<RolloutPart>(client, { ...ROLLOUT_PARTS, namespace }, scope)
    : [];
  const own = parts.filter(({ spec }) => spec.rollout === newest.metadata.name);
  const changes = [newest, ...own].flatMap(({ status }) =>
    Object.entries(status?.changes ?? {}).map(([change, record]) => {
      const end = change.lastIndexOf('/');
      return { key: change.slice(0, end) as ObjectKey, n: Number(change.slice(end + 1)), record };
    }),
  );
  return changes.filter(({ key, n, record }) => {
    const ofInstance = changes.filter((other) => other.key === key);
    return !isOutdone(n, record, ofInstance);
  });
}
