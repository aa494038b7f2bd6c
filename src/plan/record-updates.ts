import type { ChangeRecord } from '../model/rollout.ts';
import type { NumberedRecord } from './instance-situation.ts';
import { maskSecrets } from './mask-secrets.ts';

/** Records to store, by number; undefined takes a record away that was never sent. */
export type RecordUpdates = ReadonlyMap<number, ChangeRecord | undefined>;

/** What KUDO and failing steps say may quote secret values. */
export function masked(record: ChangeRecord, secrets: readonly string[]): ChangeRecord {
  if (secrets.length === 0) return record;
  const { message, progress } = record;
  return {
    ...record,
    message: message && maskSecrets(message, secrets),
    progress: progress && maskSecrets(progress, secrets),
  };
}

/** Numbers for changes: those of records never sent first, then fresh ones. */
export function numbersFor(
  count: number,
  free: readonly number[],
  records: readonly NumberedRecord[],
): number[] {
  const next = Math.max(-1, ...records.map(({ n }) => n)) + 1;
  return Array.from({ length: count }, (_, index) => free[index] ?? next + index - free.length);
}

/** Drops updates that say what is stored already. */
export function withoutNoise(
  records: RecordUpdates,
  before: readonly NumberedRecord[],
): RecordUpdates {
  const stored = new Map(before.map(({ n, record }) => [n, record]));
  return new Map([...records].filter(([n, record]) => !sameRecord(stored.get(n), record)));
}

function sameRecord(a: ChangeRecord | undefined, b: ChangeRecord | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

const sorted = (record: ChangeRecord): unknown =>
  Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
