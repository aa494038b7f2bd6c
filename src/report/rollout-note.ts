import * as z from 'zod';
import { jsonOrUndefined } from '../lib/json-or-undefined.ts';
import { oidOf } from '../model/revision.ts';
import type { ChangeRecords, Rollout } from '../model/rollout.ts';
import type { GitNoteLine } from '../source/git-source.ts';

/** Where a repository keeps what became of its commits (git-notes(1)). */
export const NOTES_REF = 'refs/notes/kudo-gitops';

/** Longest line of one Rollout, in bytes; changes that do not fit are counted in `omittedChanges`. */
const MAX_LINE_BYTES = 1 << 20;
/** Lines of one note that are read. */
const MAX_LINES = 1_000;

/** What one line of a note says. */
export interface NotedRollout {
  readonly cluster: string;
  readonly rollout: Rollout;
}

/**
 * The line that tells how a Rollout ended: its spec, its status without the outbox, and its uid, under the
 * key `<cluster>/<namespace>/<rollout>`. Always the same text for the same Rollout.
 *
 * @param changes all of its changes, those of its parts too
 */
export function noteLineOf(
  rollout: Pick<Rollout, 'metadata' | 'spec' | 'status'>,
  changes: ChangeRecords,
  cluster: string,
): GitNoteLine {
  const { namespace = '', name, uid = '' } = rollout.metadata;
  const { outbox: _outbox, noted: _noted, parts: _parts, ...status } = rollout.status ?? {};
  const key = `${cluster}/${namespace}/${name}`;
  const head = { key, cluster, namespace, name, uid, spec: rollout.spec };
  const all = Object.entries(changes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lineWith = (count: number): string => {
    const kept = Object.fromEntries(all.slice(0, count));
    const omitted = count < all.length ? { omittedChanges: all.length - count } : {};
    return JSON.stringify({ ...head, status: { ...status, changes: kept, ...omitted } });
  };
  let count = all.length;
  let line = lineWith(count);
  while (count > 0 && Buffer.byteLength(line) > MAX_LINE_BYTES) {
    count = Math.floor(count / 2);
    line = lineWith(count);
  }
  return { commit: oidOf(rollout.spec.revision), key, line };
}

const Text = z.string().max(4_096);
const Word = z.string().regex(/^[A-Za-z0-9._:+/-]{1,300}$/);
const State = z.enum([
  ...(['planned', 'waiting', 'sending', 'running', 'succeeded'] as const),
  ...(['failed', 'held', 'restarted', 'moved'] as const),
]);
const Change = z.object({
  kind: z.enum(['create', 'upgrade', 'set-parameters', 'abandon', 'run-plan']),
  plan: Word,
  attempt: z.int().min(1),
  state: State,
  summary: Text.optional(),
  message: Text.optional(),
  instanceUid: Word.optional(),
  planUid: Word.optional(),
  run: Word.optional(),
  retries: z.int().optional(),
  progress: Text.optional(),
  startedAt: Word.optional(),
  finishedAt: Word.optional(),
});
const Line = z.object({
  key: Text,
  cluster: Text,
  namespace: Word,
  name: Word,
  uid: Word,
  spec: z.object({
    sync: Word,
    revision: z.string().max(600),
    attempt: z.int().min(1),
    sequence: z.int().min(1),
    author: Text,
    subject: Text,
    committedAt: Word,
  }),
  status: z.object({
    phase: z.enum(['succeeded', 'failed', 'superseded']),
    message: Text.optional(),
    changes: z.record(z.string().max(600), Change),
    startedAt: Word.optional(),
    finishedAt: Word.optional(),
  }),
});

/**
 * The Rollouts that the note of `commit` tells of. Whoever may push to the repository may have written it:
 * lines that are something else, too long, or of another commit are passed over.
 */
export function parseNote(commit: string, note: string): readonly NotedRollout[] {
  return note
    .split('\n', MAX_LINES)
    .flatMap((line) => parseLine(line) ?? [])
    .filter(({ rollout }) => oidOf(rollout.spec.revision) === commit);
}

function parseLine(line: string): NotedRollout | undefined {
  if (line.length > MAX_LINE_BYTES) return undefined;
  const parsed = Line.safeParse(jsonOrUndefined(line));
  if (!parsed.success) return undefined;
  const { key, cluster, namespace, name, uid, spec, status } = parsed.data;
  if (key !== `${cluster}/${namespace}/${name}`) return undefined;
  const apiVersion = 'gitops.kudo.dev/v1alpha1';
  const metadata = { namespace, name, uid };
  return { cluster, rollout: { apiVersion, kind: 'Rollout', metadata, spec, status } };
}
