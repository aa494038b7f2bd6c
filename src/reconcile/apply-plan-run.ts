import { KubeError } from '../cluster/kube-client.ts';
import { askerOf } from './sync-asker.ts';
import { pathOf, PLAN_RUNS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { DesiredPlanRun } from '../model/desired.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION, API_VERSION, FIELD_MANAGER, LABEL } from '../model/names.ts';
import type { PlanRun } from '../model/plan-run.ts';
import type { Problem } from '../model/problem.ts';
import { hasNotStarted, type PlannedRun } from '../plan/plan-runs.ts';
import type { RolloutTurn } from './rollout-turn.ts';
import { planOne } from './plan-revision.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { isAsInGit } from './run-gate.ts';

/** What came of one PlanRun. */
export interface AppliedRun {
  readonly problem?: Problem | undefined;
  /** True when it was in Git before its Sync was. */
  readonly isSkipped: boolean;
}

/** Creates the object that runs and remembers; one that has not started takes over what Git says now. */
export async function applyPlanRun(
  planned: PlannedRun,
  turn: RolloutTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<AppliedRun> {
  try {
    const run = await bring(planned, turn, context, scope);
    return { isSkipped: wasSkipped(run, turn) };
  } catch (thrown) {
    if (!(thrown instanceof KubeError)) throw thrown;
    // Somebody wrote it meanwhile: the watch brings what they wrote, and another pass.
    if (thrown.code === 409) return { isSkipped: false };
    if (!REFUSED.has(thrown.code)) throw thrown;
    const { key, position } = planned.desired;
    const message = `the API server refuses PlanRun ${key}: ${thrown.message}`;
    const problem = { id: 'refused-by-the-api-server', severity: 'error', message } as const;
    return { isSkipped: false, problem: { ...problem, ...position } };
  }
}

/** The object, created or written where it has to be. */
async function bring(
  planned: PlannedRun,
  turn: RolloutTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<PlanRun> {
  const { desired, known } = planned;
  const { planRuns } = context.view.caches;
  let run = known;
  if (!run) {
    run = await create(planned, turn, context, scope);
  } else if (!isOurs(run, planned, turn) || isToChange(run, desired)) {
    run = await takeOver({ ...planned, known: run }, turn, context, scope);
  } else if (isAskedAgain(run, planned.instance, turn)) {
    run = await askAgain(run, turn, context, scope);
  }
  if (run !== known) planRuns.update(run);
  return run;
}

function isOurs({ metadata }: PlanRun, planned: PlannedRun, turn: RolloutTurn): boolean {
  return metadata.annotations?.[ANNOTATION.owner] === ownerOf(planned, turn);
}

function isToChange(run: PlanRun, { spec }: DesiredPlanRun): boolean {
  return hasNotStarted(run) && !isAsInGit(run, spec);
}

/** What only another file, or another cluster, helps against. */
const REFUSED: ReadonlySet<number> = new Set([400, 404, 413, 422]);

/** Said by the Rollout that skipped it and by no later one. */
function wasSkipped({ metadata }: PlanRun, { record }: RolloutTurn): boolean {
  return metadata.annotations?.[ANNOTATION.skip] === record.spec.revision;
}

async function create(
  planned: PlannedRun,
  turn: RolloutTurn,
  { client, view }: ReconcileContext,
  scope: Scope,
): Promise<PlanRun> {
  const { name, namespace, labels, annotations, spec } = planned.desired;
  const { revision, settings, record } = turn;
  const together = [...revision.desired.instances.values()]
    .filter(({ key }) => key !== planned.instance && isPending(key, turn))
    .filter((one) => planOne(one, revision, view.caches, askerOf(turn)).changes.length > 0)
    .map(({ key }) => key);
  const isOld = planned.whyNot !== undefined;
  const body = {
    apiVersion: API_VERSION,
    kind: 'PlanRun',
    metadata: {
      name,
      namespace,
      labels: { ...labels, [LABEL.syncUid]: settings.uid },
      annotations: {
        ...annotations,
        ...ownAnnotations(planned, turn),
        ...(together.length > 0 ? { [ANNOTATION.together]: together.join(',') } : {}),
        ...(isOld ? { [ANNOTATION.skip]: record.spec.revision } : {}),
      },
    },
    spec,
  };
  const path = { ...PLAN_RUNS, namespace };
  return client.create<PlanRun>(path, body, { fieldManager: FIELD_MANAGER }, scope);
}

/** What an earlier commit left failed is no change of this one. */
function isPending(key: ObjectKey, { record }: RolloutTurn): boolean {
  return record.recordsOf(key).every(({ record: one }) => one.state !== 'failed');
}

async function takeOver(
  { known, ...planned }: PlannedRun & { readonly known: PlanRun },
  turn: RolloutTurn,
  { client }: ReconcileContext,
  scope: Scope,
): Promise<PlanRun> {
  const { uid, resourceVersion } = known.metadata;
  const metadata = {
    uid,
    resourceVersion,
    labels: { [LABEL.syncUid]: turn.settings.uid },
    annotations: ownAnnotations(planned, turn),
  };
  const body = { metadata, ...(hasNotStarted(known) ? { spec: planned.desired.spec } : {}) };
  const patch = { type: 'merge', body, fieldManager: FIELD_MANAGER } as const;
  return client.patch<PlanRun>(pathOf(PLAN_RUNS, planned.desired.key), patch, scope);
}

/** True when this attempt of the Rollout is to try the failed PlanRun once more, and has not asked it yet. */
function isAskedAgain(
  { metadata, status }: PlanRun,
  instance: ObjectKey,
  { record }: RolloutTurn,
): boolean {
  const target = record.spec.retry?.trim().split(/\s+/).at(-1);
  if (status?.state !== 'failed' || (target !== '*' && target !== instance)) return false;
  return !(metadata.annotations?.[ANNOTATION.retry] ?? '').endsWith(` ${record.uid}`);
}

async function askAgain(
  { metadata, status }: PlanRun,
  { record }: RolloutTurn,
  { client }: ReconcileContext,
  scope: Scope,
): Promise<PlanRun> {
  const { uid, resourceVersion } = metadata;
  const retry = `${String(status?.attempt ?? 1)} ${record.uid}`;
  const body = { metadata: { uid, resourceVersion, annotations: { [ANNOTATION.retry]: retry } } };
  const patch = { type: 'merge', body, fieldManager: FIELD_MANAGER } as const;
  return client.patch<PlanRun>(pathOf(PLAN_RUNS, keyOf({ metadata })), patch, scope);
}

const ownerOf = ({ desired }: Pick<PlannedRun, 'desired'>, { settings }: RolloutTurn): string =>
  `${settings.uid}:${desired.key}`;

function ownAnnotations(
  planned: Pick<PlannedRun, 'desired'>,
  turn: RolloutTurn,
): Readonly<Record<string, string>> {
  return {
    [ANNOTATION.owner]: ownerOf(planned, turn),
    [ANNOTATION.revision]: turn.record.spec.revision,
    [ANNOTATION.path]: planned.desired.position.file,
  };
}
