import type { DesiredPlanRun } from '../model/desired.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { hasEnded, stateOf, type PlanRun, type PlanRunState } from '../model/plan-run.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { DependencyObstacle } from '../plan/instance-situation.ts';
import { instanceOf, planRun } from '../plan/plan-runs.ts';
import { isOutdone } from '../plan/rollout-verdict.ts';
import { changesAmong } from '../plan/run-records.ts';
import type { RunObstacle } from '../plan/run-step.ts';
import type { Caches } from './cluster-view.ts';
import { planOne } from './plan-revision.ts';
import { planRunContext } from './plan-run-context.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';

/** The Instances whose changes come with the same commit as the PlanRun, its own among them. */
function togetherWith({ metadata, spec }: PlanRun): ReadonlySet<ObjectKey> {
  const own: ObjectKey = `${metadata.namespace ?? ''}/${spec.instance}`;
  const listed = (metadata.annotations?.[ANNOTATION.together] ?? '').split(',');
  return new Set([own, ...listed.filter((key): key is ObjectKey => key.includes('/'))]);
}

/** What of the PlanRuns that come before a commit's changes keeps an Instance from being changed. */
export function runsBefore(
  instance: ObjectKey,
  revision: RevisionState,
  caches: Caches,
): DependencyObstacle | undefined {
  const unread = unreadBefore(instance, revision, caches);
  if (unread) return refused(unread);
  const obstacles = [...revision.desired.planRuns.values()]
    .filter(({ spec }) => spec.when === 'before')
    .flatMap((wanted) => {
      const run = caches.planRuns.get(wanted.key);
      const isMeant = run ? togetherWith(run).has(instance) : instanceOf(wanted) === instance;
      if (!isMeant) return [];
      return (
        (isRefused(wanted, revision, caches) ? refused(wanted.key) : obstacleBy(wanted, run)) ?? []
      );
    });
  return obstacles.find(({ kind }) => kind === 'stops') ?? obstacles[0];
}

/** True while something is wrong with it, so that it never starts as it is. */
function isRefused(wanted: DesiredPlanRun, revision: RevisionState, caches: Caches): boolean {
  // Whose it is does not matter here: what another Sync made has its own state.
  const { isToCome, problems } = planRun(
    wanted,
    planRunContext(revision, caches, { uid: undefined }),
  );
  return isToCome && problems.length > 0;
}

/** A PlanRun with a mistake in its file that was to come before the Instance's changes, and has not run. */
function unreadBefore(
  instance: ObjectKey,
  { desired }: RevisionState,
  { planRuns }: Pick<Caches, 'planRuns'>,
): ObjectKey | undefined {
  const found = desired.refusedRuns?.find((one) => {
    const known = planRuns.get(one.key);
    return one.instance === instance && !(known && hasEnded(known));
  });
  return found?.key;
}

const refused = (run: ObjectKey): DependencyObstacle => ({
  kind: 'stops',
  message: `held by PlanRun ${splitKey(run).name}, which comes before it and cannot run`,
});

function obstacleBy(
  wanted: DesiredPlanRun,
  run: PlanRun | undefined,
): DependencyObstacle | undefined {
  if (!run) return notYet(wanted.name);
  const text = STOPPED[stateOf(run)];
  if (text === null) return undefined;
  if (text === undefined) return notYet(wanted.name);
  return { kind: 'stops', message: `held by PlanRun ${wanted.name}, ${text}` };
}

/** What a PlanRun in that state does to what comes after it: null lets it go on. */
const STOPPED: Readonly<Partial<Record<PlanRunState, string | null>>> = {
  succeeded: null,
  skipped: null,
  failed: 'which failed',
  held: 'which is held itself',
};

const notYet = (name: string): DependencyObstacle => ({
  kind: 'waits',
  message: `waits for PlanRun ${name}, which comes before it`,
});

interface Standing {
  readonly revision: RevisionState;
  readonly record: RolloutRecord;
  readonly syncUid: string;
}

/** What of a commit's changes keeps a PlanRun that comes after them from starting. */
export function changesBefore(
  run: PlanRun,
  { revision, record, syncUid }: Standing,
  caches: Caches,
): RunObstacle | undefined {
  if (run.spec.when === 'before') return undefined;
  const obstacles = [...togetherWith(run)].flatMap((key): RunObstacle[] => {
    const name = nameBeside(run, key);
    if (revision.desired.mayHave(key)) {
      return [
        { kind: 'stops', message: `waits for the changes of ${name}, whose file has errors` },
      ];
    }
    const records = changesAmong(record.recordsOf(key));
    const all = records.filter(({ n, record: one }) => !isOutdone(n, one, records));
    // What failed in an earlier commit has nothing to do with this one, nor has what that holds.
    const hash = revision.hashes.get(key) ?? '';
    if (all.some(({ record: one }) => isOld(one) && one.desiredHash === hash)) return [];
    const live = all.filter(({ record: one }) => !isOld(one));
    const states = new Set(live.map(({ record: one }) => one.state));
    if (states.has('failed') || states.has('held')) {
      return [{ kind: 'stops', message: `waits for the changes of ${name}, which failed` }];
    }
    const isOpen = OPEN.some((state) => states.has(state)) || isToChange(key, revision);
    return isOpen ? [{ kind: 'waits', message: `waits for the changes of ${name}` }] : [];
  });
  return obstacles.find(({ kind }) => kind === 'stops') ?? obstacles[0];

  function isToChange(key: ObjectKey, { desired }: RevisionState): boolean {
    const instance = desired.instances.get(key);
    if (!instance) return false;
    // What others changed is no change of the commit.
    const asker = { uid: syncUid, driftPolicy: 'ignore' } as const;
    return planOne(instance, revision, caches, asker).changes.length > 0;
  }
}

const isOld = ({ state, since }: ChangeRecord): boolean =>
  state === 'failed' && since !== undefined;

const OPEN = ['planned', 'waiting', 'sending', 'running'] as const;

function nameBeside({ metadata }: PlanRun, key: ObjectKey): string {
  const own = `${metadata.namespace ?? ''}/`;
  return key.startsWith(own) ? key.slice(own.length) : key;
}
