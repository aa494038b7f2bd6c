import type { CommitState } from '../model/commit-status.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import { shortOid } from '../model/revision.ts';
import type { ChangeRecord, RolloutCounts, RolloutPhase } from '../model/rollout.ts';

interface KeyedRecord {
  readonly key: ObjectKey;
  readonly record: ChangeRecord;
}

/** All that is said of a Rollout in one line. */
export interface RolloutReport {
  readonly phase: RolloutPhase;
  readonly counts: RolloutCounts;
  readonly records: readonly KeyedRecord[];
  /** Errors in the revision's files, as `file:line:column: text`. */
  readonly problems: readonly string[];
  /** What else people should know; said with a success. */
  readonly notes: readonly string[];
  /** What keeps the service itself from going on, such as an API server that does not answer. */
  readonly trouble?: string | undefined;
}

/** State and text of a Rollout's commit status; the text may be longer than a forge takes. */
export interface StatusText {
  readonly state: CommitState;
  readonly description: string;
}

export const NOTHING_TO_DO = 'nothing to do here';

/**
 * How a Rollout stands, for the line under its commit: `queue: update 2/3 phases, step brokers`,
 * `3 changes: 1 done, 1 running; …`, `3 changes`, `queue: FATAL_ERROR in deploy.nodes.node: …`. What
 * matters most comes first, since forges cut long texts.
 */
export function rolloutStatusText(report: RolloutReport): StatusText {
  if (report.trouble !== undefined) return { state: 'error', description: report.trouble };
  switch (report.phase) {
    case 'progressing':
      return { state: 'pending', description: progressText(report) };
    case 'succeeded':
      return { state: 'success', description: successText(report) };
    case 'failed':
      return { state: 'failure', description: failureText(report) };
    case 'superseded':
      return { state: 'success', description: ['superseded', ...report.notes].join('; ') };
  }
}

function progressText({ counts, records, problems }: RolloutReport): string {
  const live = liveOf(records);
  const current = firstOf(live, ['running', 'sending', 'waiting', 'planned']);
  const now = current && `${nameIn(live, current)}: ${currentText(current.record)}`;
  if (!now) return 'looking for differences';
  if (counts.total <= 1 && problems.length === 0) return now;
  const left = counts.total - counts.succeeded - counts.failed - counts.running;
  const parts = [
    ...some(counts.succeeded, 'done'),
    ...some(counts.failed, 'failed'),
    ...some(counts.running, 'running'),
    ...some(left, 'to come'),
    ...some(problems.length, problems.length === 1 ? 'problem' : 'problems'),
  ];
  return `${changesText(counts.total)}: ${parts.join(', ')}; ${now}`;
}

function currentText({ state, plan, progress, message }: ChangeRecord): string {
  if (state === 'running') return progress ?? `${plan} scheduled`;
  if (state === 'waiting') return message ?? 'waiting';
  if (plan === '-') return 'about to be written';
  return `${plan} ${state === 'sending' ? 'being started' : 'comes next'}`;
}

function successText({ counts, records, notes }: RolloutReport): string {
  const live = liveOf(records);
  const [only] = live;
  const summary = live.length === 1 && only?.record.summary;
  const detail = only && summary ? `: ${nameIn(live, only)} ${summary}` : '';
  if (counts.total === 0) return notes.length === 0 ? NOTHING_TO_DO : notes.join('; ');
  const shown = notes.filter((note) => !note.endsWith(' was created'));
  return [`${changesText(counts.total)}${detail}`, ...shown].join('; ');
}

function failureText({ counts, records, problems }: RolloutReport): string {
  const live = liveOf(records);
  const failed = live.filter(({ record }) => record.state === 'failed');
  const held = live.filter(({ record }) => record.state === 'held');
  const saysWhy = (one: KeyedRecord | undefined): string | undefined =>
    one && `${nameIn(live, one)}: ${causeText(one.record)}`;
  const cause = saysWhy(failed[0]) ?? problems[0] ?? saysWhy(held[0]) ?? 'failed';
  const parts = [
    ...(failed.length > 0 ? [`${failed.length} of ${changesText(counts.total)} failed`] : []),
    ...some(held.length, 'held'),
    ...some(problems.length, problems.length === 1 ? 'problem' : 'problems'),
  ];
  const isAlone = failed.length + problems.length === 1 && held.length === 0;
  return isAlone || parts.length === 0 ? cause : `${parts.join(', ')}: ${cause}`;
}

function causeText({ state, message, plan, since }: ChangeRecord): string {
  const cause = message ?? (state === 'held' ? 'held' : `plan ${plan} failed`);
  return since === undefined ? cause : `since ${shortOid(since)}: ${cause}`;
}

/** Without what another record has taken the place of. */
function liveOf(records: readonly KeyedRecord[]): readonly KeyedRecord[] {
  return records.filter(({ record }) => record.state !== 'restarted' && record.state !== 'moved');
}

function firstOf(
  records: readonly KeyedRecord[],
  states: readonly ChangeRecord['state'][],
): KeyedRecord | undefined {
  for (const state of states) {
    const found = records.find(({ record }) => record.state === state);
    if (found) return found;
  }
  return undefined;
}

/** The Instance's name, with its namespace when there are several. */
function nameIn(all: readonly KeyedRecord[], { key }: KeyedRecord): string {
  const { namespace, name } = splitKey(key);
  return all.every((other) => splitKey(other.key).namespace === namespace) ? name : key;
}

function changesText(count: number): string {
  return count === 1 ? '1 change' : `${count} changes`;
}

function some(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}
