import type { ObjectKey } from '../model/kube-object.ts';

/** A note about what a pass created, which later passes of the Rollout keep. */
export const createdNote = (key: ObjectKey): string => `OperatorVersion ${key} was created`;

const isCreated = (note: string): boolean => /^OperatorVersion .* was created$/.test(note);

/** The notes of this pass, and of earlier ones what they created. */
export function withCreated(
  before: readonly string[] = [],
  now: readonly string[] = [],
): readonly string[] {
  return [...new Set([...before.filter(isCreated), ...now])];
}
