import type { DesiredPlanRun } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { stateOf, type PlanRun, type PlanRunState } from '../model/plan-run.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { DependencyObstacle } from '../plan/instance-situation.ts';
import { instanceOf } from '../plan/plan-runs.ts';
import { isOutdone } from '../plan/rollout-verdict.ts';
import { changesAmong } from '../plan/run-records.ts';
import type { RunObstacle } from '../plan/run-step.ts';
import type { Caches } from './cluster-view.ts';
import { planOne } from './plan-revision.ts';
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
  { desired }: Pick<RevisionState, 'desired'>,
  { planRuns }: Pick<Caches, 'planRuns'>,
): DependencyObstacle | undefined {
  const obstacles = [...desired.planRuns.values()]
    .filter(({ spec }) => spec.when === 'before')
    .flatMap((wanted) => obstacleBy(wanted, instance, planRuns.get(wanted.key)) ?? []);
  return obstacles.find(({ kind }) => kind === 'stops') ?? obstacles[0];
}

function obstacleBy(
  wanted: DesiredPlanRun,
  instance: ObjectKey,
  run: PlanRun | undefined,
): DependencyObstacle | undefined {
  if (!run) return instanceOf(wanted) === instance ? notYet(wanted.name) : undefined;
  if (!togetherWith(run).has(instance)) return undefined;
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
    const records = changesAmong(record.recordsOf(key));
    const all = records.filter(({ n, record: one }) => !isOutdone(n, one, records));
    // What failed in an earlier commit has nothing to do with this one, nor has what that holds.
    const hash = revision.hashes.get(key) ?? '';
    if (all.some(({ record: one }) => isOld(one) && one.desiredHash === hash)) return [];
    const live = all.filter(({ record: one }) => !isOld(one));
    const states = new Set(live.map(({ record: one }) => one.state));
    const name = nameBeside(run, key);
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
