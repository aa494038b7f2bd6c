import { KubeError } from '../cluster/kube-client.ts';
import { pathOf, PLAN_SCHEDULES } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf } from '../model/kube-object.ts';
import { ANNOTATION, API_VERSION, FIELD_MANAGER, LABEL } from '../model/names.ts';
import type { PlanSchedule } from '../model/plan-schedule.ts';
import type { Problem } from '../model/problem.ts';
import type { PlanRunContext } from '../plan/plan-runs.ts';
import { planSchedule, schedulesToSuspend, type PlannedSchedule } from '../plan/plan-schedules.ts';
import type { RolloutTurn } from './rollout-turn.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/**
 * Brings the PlanSchedules of a revision into the cluster. One that Git no longer names makes no more runs:
 * it is suspended, and keeps its memory; nothing is taken as removed while a file cannot be read.
 */
export async function applySchedules(
  turn: RolloutTurn,
  judged: PlanRunContext,
  context: ReconcileContext,
  scope: Scope,
): Promise<{ problems: readonly Problem[]; notes: readonly string[] }> {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const { revision, settings } = turn;
  for (const desired of revision.desired.planSchedules.values()) {
    const planned = planSchedule(desired, judged);
    problems.push(...planned.problems);
    if (planned.problems.length > 0) continue;
    const did = await applyOne(planned, turn, context, scope);
    if (did !== undefined) notes.push(`PlanSchedule ${desired.key} was ${did}`);
  }
  const there = context.view.caches.planSchedules.list();
  for (const schedule of schedulesToSuspend(there, revision.desired, settings.uid)) {
    await write(schedule, { spec: { suspend: true } }, context, scope);
    notes.push(`PlanSchedule ${keyOf(schedule)} was removed from Git: suspended, not deleted`);
  }
  return { problems, notes };
}

async function applyOne(
  { desired, known, change }: PlannedSchedule,
  { settings, record }: RolloutTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<'created' | 'changed' | undefined> {
  const { key, name, namespace, spec } = desired;
  const labels = { ...desired.labels, [LABEL.syncUid]: settings.uid };
  const annotations = {
    ...desired.annotations,
    [ANNOTATION.owner]: `${settings.uid}:${key}`,
    [ANNOTATION.revision]: record.spec.revision,
    [ANNOTATION.path]: desired.position.file,
  };
  if (known) {
    const isOurs = known.metadata.annotations?.[ANNOTATION.owner] === annotations[ANNOTATION.owner];
    if (isOurs && change === undefined) return undefined;
    const { startingDeadlineSeconds = null } = spec;
    const patch = { metadata: { labels, annotations }, spec: { ...spec, startingDeadlineSeconds } };
    return (await write(known, patch, context, scope)) ? 'changed' : undefined;
  }
  const kind = 'PlanSchedule';
  const metadata = { name, namespace, labels, annotations };
  const body = { apiVersion: API_VERSION, kind, metadata, spec };
  const path = { ...PLAN_SCHEDULES, namespace };
  const options = { fieldManager: FIELD_MANAGER };
  try {
    const created = await context.client.create<PlanSchedule>(path, body, options, scope);
    context.view.caches.planSchedules.update(created);
    return 'created';
  } catch (thrown) {
    // It is there and not seen yet: the watch brings it, and the next pass compares.
    if (thrown instanceof KubeError && thrown.code === 409) return undefined;
    throw thrown;
  }
}

/** False when somebody else wrote it meanwhile: another pass looks again. */
async function write(
  { metadata }: PlanSchedule,
  change: { readonly metadata?: object; readonly spec: object },
  { client, view }: ReconcileContext,
  scope: Scope,
): Promise<boolean> {
  const { uid, resourceVersion } = metadata;
  const body = { ...change, metadata: { ...change.metadata, uid, resourceVersion } };
  const patch = { type: 'merge', body, fieldManager: FIELD_MANAGER } as const;
  const path = pathOf(PLAN_SCHEDULES, keyOf({ metadata }));
  try {
    view.caches.planSchedules.update(await client.patch<PlanSchedule>(path, patch, scope));
    return true;
  } catch (thrown) {
    if (thrown instanceof KubeError && thrown.code === 409) return false;
    throw thrown;
  }
}
