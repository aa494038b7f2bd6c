import { runningPlan } from '../kudo/plan-status.ts';
import type { Instance } from '../kudo/objects.ts';
import type { Change } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { ANNOTATION } from '../model/names.ts';

/** Who gave a plan run up, from the mark that doing so leaves on the Instance; undefined when nobody did. */
export function abandonedBy(
  instance: Instance | undefined,
  uid: string | undefined,
): string | undefined {
  const mark = instance?.metadata.annotations?.[ANNOTATION.abandoned] ?? '';
  const space = mark.indexOf(' ');
  if (uid === undefined || space === -1 || mark.slice(0, space) !== uid) return undefined;
  return mark.slice(space + 1);
}

/**
 * The change by which Git gives up the plan that runs now; undefined unless the annotation
 * `gitops.kudo.dev/abandon` names this very run, and the Instance is the Sync's own.
 */
export function abandonChange(
  desired: DesiredInstance,
  observed: Instance | undefined,
  syncUid: string | undefined,
): Change | undefined {
  const wanted = desired.annotations[ANNOTATION.abandon]?.trim();
  const running = observed && runningPlan(observed);
  if (!running || running.uid !== wanted || running.plan === 'cleanup') return undefined;
  const owner = observed.metadata.annotations?.[ANNOTATION.owner];
  if (syncUid !== undefined && owner !== `${syncUid}:${desired.key}`) return undefined;
  return { key: desired.key, kind: 'abandon', plan: '-', run: running, edits: [] };
}
