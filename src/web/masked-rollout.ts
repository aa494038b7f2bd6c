import type { ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord, ChangeRecords, Rollout } from '../model/rollout.ts';

type Mask = (text: string) => string;

/** Instances that the changes are of. */
export function instancesOf(changes: ChangeRecords): readonly ObjectKey[] {
  return Object.keys(changes).map((key) => key.slice(0, key.lastIndexOf('/')) as ObjectKey);
}

/** The Rollout with every text that may quote a plan's step, or KUDO's answer, masked. */
export function maskedRollout(rollout: Rollout, mask: Mask): Rollout {
  const { status } = rollout;
  if (!status) return rollout;
  const { message, problems, notes, outbox } = status;
  return {
    ...rollout,
    status: {
      ...status,
      ...(message === undefined ? {} : { message: mask(message) }),
      ...(problems ? { problems: problems.map(mask) } : {}),
      ...(notes ? { notes: notes.map(mask) } : {}),
      ...(outbox
        ? { outbox: outbox.map((one) => ({ ...one, description: mask(one.description) })) }
        : {}),
    },
  };
}

/** The same of changes, which may be in parts of the Rollout. */
export function maskedChanges(changes: ChangeRecords, mask: Mask): ChangeRecords {
  const maskedRecord = (record: ChangeRecord): ChangeRecord => {
    const { summary, message, progress } = record;
    return {
      ...record,
      ...(summary === undefined ? {} : { summary: mask(summary) }),
      ...(message === undefined ? {} : { message: mask(message) }),
      ...(progress === undefined ? {} : { progress: mask(progress) }),
    };
  };
  const entries = Object.entries(changes).map(([key, record]) => [key, maskedRecord(record)]);
  return Object.fromEntries(entries) as ChangeRecords;
}
