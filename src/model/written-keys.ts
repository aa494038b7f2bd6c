import { sha256 } from '../lib/sha256.ts';

/** Parameter name → hash of the value that Git last wrote (annotation `gitops.kudo.dev/keys`). */
export type WrittenKeys = ReadonlyMap<string, string>;

/** The hash under which a value is remembered: eight hex digits. */
export function valueHash(value: string): string {
  return sha256(value).slice(0, 8);
}

/** What cannot be read is left out: such a key counts as never written by us. */
export function parseWrittenKeys(text: string | undefined): WrittenKeys {
  const pairs = (text ?? '').split(',').map((pair) => /^\s*([^=]+)=([0-9a-f]{8})\s*$/.exec(pair));
  return new Map(pairs.flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? '']] : [])));
}

/** By name, so that the same keys give the same text. */
export function formatWrittenKeys(keys: WrittenKeys): string {
  return [...keys]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hash]) => `${name}=${hash}`)
    .join(',');
}
