import { pathOf, SYNCS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { ChangeRecord, Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { readSettings } from '../reconcile/sync-settings.ts';
import { packageLoading, remoteOfSync } from './load-packages.ts';
import { planAgainstCluster } from './plan-against-cluster.ts';
import { readWorkingCopyState } from './read-working-copy-state.ts';
import type { ScenarioWorld } from './scenario-world.ts';

/**
 * What `kudo-gitops diff` says of a working copy before it is pushed, as `<namespace>/<name> <kind> <plan>`
 * by Instance in the order of its changes, PlanRuns after them.
 */
export async function foreseeChanges(
  { worktree: { folder }, sync, client, program }: ScenarioWorld,
  scope: Scope,
): Promise<readonly string[]> {
  const settings = readSettings(await client.get<Sync>(pathOf(SYNCS, sync), scope));
  const { paths, defaultNamespace: namespace } = settings;
  const packages = packageLoading({}, program, remoteOfSync(settings, client));
  const { desired } = await readWorkingCopyState(folder, { paths, namespace, packages }, scope);
  const against = { client, namespace, sync: settings };
  const { instances, runs } = await planAgainstCluster(desired, against, scope);
  const changes = instances.flatMap(({ key, changes: own }) =>
    own.map(({ kind, plan }) => `${key} ${kind} ${plan}`),
  );
  const toRun = runs.runs
    .filter(({ isToCome }) => isToCome)
    .map(({ desired: { namespace: at, spec } }) => `${at}/${spec.instance} run-plan ${spec.plan}`);
  return byInstance([...changes, ...toRun]);
}

/** The same of what the first Rollout of a commit did, or holds; without what it took over. */
export function changesOfCommit(rollouts: readonly Rollout[]): readonly string[] {
  const [first] = rollouts.toSorted((a, b) => a.spec.attempt - b.spec.attempt);
  const changes = Object.entries(first?.status?.changes ?? {})
    .map(([key, record]) => {
      const end = key.lastIndexOf('/');
      return { instance: key.slice(0, end), n: Number(key.slice(end + 1)), record };
    })
    .filter(({ record }) => isChange(record))
    .toSorted((a, b) => a.n - b.n)
    .map(({ instance, record: { kind, plan } }) => `${instance} ${kind} ${plan}`);
  return byInstance(changes);
}

/** False for what an older Rollout did, and for the place of a problem with an Instance that nothing changes of. */
function isChange({ token, since, state, cause, summary }: ChangeRecord): boolean {
  const isProblem = cause === 'problem' && summary === undefined;
  return !token && !since && state !== 'moved' && !isProblem;
}

/** Instances run side by side; what is of one keeps its order. */
function byInstance(changes: readonly string[]): readonly string[] {
  return changes.toSorted((a, b) => instanceOf(a).localeCompare(instanceOf(b)));
}

const instanceOf = (change: string): string => change.slice(0, change.indexOf(' '));
