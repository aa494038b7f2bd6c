import type { Scope } from '../lib/scope.ts';
import type { CommitState } from '../model/commit-status.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { isOutdone, summarize } from '../plan/rollout-verdict.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import type { OutboxEntry } from '../model/rollout.ts';
import { endInstances, instanceStatuses } from '../report/instance-statuses.ts';
import { attemptBudget, enqueue, isProgress } from '../report/outbox.ts';
import { NOTHING_TO_DO, rolloutStatusText } from '../report/status-text.ts';
import type { Advance } from './advance-rollout.ts';
import { withCreated } from './created-note.ts';
import {
  instanceContext,
  rolloutUrl,
  statusContext,
  type ReconcileContext,
} from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { SyncJob } from './sync-job.ts';
import type { SyncSettings } from './sync-settings.ts';

/** Progress is stored at most so often. */
const PROGRESS_MS = 1_000;
/** Verdicts and plan runs of a rollout of many; the Instances say the same meanwhile, for whoever starts anew. */
const URGENT_MS = 250;
/** Up to so many Instances they are stored at once. */
const FEW = 20;
const MAX_TEXTS = 100;

/**
 * Writes down how the Rollout stands: verdicts and plan runs at once, progress at most once a second.
 *
 * @returns when to store progress that was held back
 */
export async function reportProgress(
  { settings, job, record }: { settings: SyncSettings; job: SyncJob; record: RolloutRecord },
  advance: Advance,
  context: ReconcileContext,
  scope: Scope,
): Promise<number | undefined> {
  const { phase, counts } = summarize(record.records(), advance.problems.length);
  const { problems, trouble } = advance;
  const notes = withCreated(record.fields.notes, advance.notes);
  const report = { phase, counts, records: flat(record), problems, notes, trouble };
  const { state, description } = rolloutStatusText(report);
  const now = scope.clock.now();
  const isFinal = phase !== 'progressing' && advance.trouble === undefined;
  record.update({
    counts,
    message: description,
    problems: problems.slice(0, MAX_TEXTS),
    notes: notes.slice(0, MAX_TEXTS),
    ...(isFinal ? { phase, finishedAt: new Date(now).toISOString() } : {}),
  });
  const pauseMs = sayingPauseMs(state, record, now - job.reportedAt, now);
  const maySpeak = pauseMs <= 0;
  if (maySpeak) job.reportedAt = now;
  record.update({
    outbox: withNews({ settings, record }, { state, description }, context, maySpeak),
  });
  if (!record.isDirty) return undefined;
  const heldBackMs = storingPauseMs(advance.urgent, counts.total) - (now - job.flushedAt);
  if (!isFinal && heldBackMs > 0) return heldBackMs;
  job.flushedAt = now;
  await record.flush(context.client, scope);
  logVerdict(record, scope);
  return pauseMs > 0 ? pauseMs : undefined;
}

/** The outbox with what there is to say by now: of the Sync, and of each of its Instances when they are few. */
function withNews(
  { settings, record }: { settings: SyncSettings; record: RolloutRecord },
  text: Pick<CommitStatus, 'state' | 'description'>,
  { clusterName, publicUrl }: ReconcileContext,
  maySpeak: boolean,
): readonly OutboxEntry[] {
  const budget = attemptBudget(record.spec.attempt);
  if (!settings.forge || !budget.verdict) return record.outbox;
  const commit = record.oid;
  const targetUrl = rolloutUrl(publicUrl, settings.namespace, splitKey(record.key).name);
  const rollUp = statusContext(clusterName, settings);
  const contextOf = (key: ObjectKey): string => instanceContext(clusterName, settings, key);
  const most = settings.forge.instanceStatuses;
  const records = record.records();
  const all = [
    { context: rollUp, ...text },
    ...instanceStatuses({ commit, records, most, contextOf }, record.outbox),
  ];
  const said = all
    .filter((status) => maySpeak || !isProgress(status))
    .reduce(
      (outbox, status) => enqueue(outbox, commit, { ...status, targetUrl }, budget.progress),
      record.outbox,
    );
  if (isProgress(text)) return said;
  const end = { state: 'success', description: NOTHING_TO_DO, targetUrl } as const;
  return endInstances(said, commit, rollUp, end);
}

function storingPauseMs(isUrgent: boolean, changes: number): number {
  if (!isUrgent) return PROGRESS_MS;
  return changes > FEW ? URGENT_MS : 0;
}

/**
 * The longer a rollout takes the rarer it speaks, so that its first hour gets eight statuses. That it
 * was picked up, and how it ended, is said at once.
 */
function sayingPauseMs(
  state: CommitState,
  record: RolloutRecord,
  silentMs: number,
  now: number,
): number {
  const isPickUp = record.outbox.every(({ commit }) => commit !== record.oid);
  if (state === 'success' || state === 'failure' || isPickUp) return 0;
  const elapsedMs = now - Date.parse(record.fields.startedAt ?? new Date(now).toISOString());
  return Math.max(PROGRESS_MS, (elapsedMs * 2) / 3) - silentMs;
}

function logVerdict({ key, fields, isFinished }: RolloutRecord, scope: Scope): void {
  const { phase, message } = fields;
  if (isFinished) scope.log.info('rollout ended', { rollout: key, phase, verdict: message });
}

function flat(record: RolloutRecord): { key: ObjectKey; record: ChangeRecord }[] {
  return [...record.records()].flatMap(([key, records]) =>
    records
      .filter(({ n, record: change }) => !isOutdone(n, change, records))
      .map(({ record: change }) => ({ key, record: change })),
  );
}
