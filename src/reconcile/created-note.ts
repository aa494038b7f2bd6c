import type { ObjectKey } from '../model/kube-object.ts';

/** A note about what a pass created, which later passes of the Rollout keep. */
export const createdNote = (key: ObjectKey): string => `OperatorVersion ${key} was created`;

/** The same of content that was replaced. */
export const replacedNote = (key: ObjectKey): string =>
  `OperatorVersion ${key} was replaced by other content`;

const isDone = (note: string): boolean =>
  /^(OperatorVersion .* was (created|replaced by other content)|PlanSchedule .* was .*)$/.test(
    note,
  );

/** The notes of this pass, and of earlier ones what they created and replaced. */
export function withCreated(
  before: readonly string[] = [],
  now: readonly string[] = [],
): readonly string[] {
  return [...new Set([...before.filter(isDone), ...now])];
}
