import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import type { ChooseRetry } from '../plan/inherit-records.ts';
import { nextRetryAt } from '../plan/next-retry.ts';
import { endOfFailure } from '../plan/end-of-failure.ts';
import type { NumberedRecord } from '../plan/instance-situation.ts';
import { isOutdone } from '../plan/rollout-verdict.ts';
import { instanceFacts } from './instance-facts.ts';
import { failedCleanup } from '../plan/settle-deletion.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';
import { rolloutsOf } from './rollout-store.ts';
import type { SyncSettings } from './sync-settings.ts';
import { parseDuration } from '../model/duration.ts';

/** Which failures the next attempt of a revision tries again. */
export interface RetryWish {
  readonly choose: ChooseRetry;
  /** Value of the annotation that asked for it; undefined for one by `retry` of the Sync. */
  readonly request: string | undefined;
}

/** What a Sync, its Rollout and the time say about trying again. */
export type RetryAnswer =
  | ({ readonly kind: 'now' } & RetryWish)
  /** The annotation asks for something of which nothing has failed. */
  | { readonly kind: 'nothing'; readonly request: string }
  | { readonly kind: 'later'; readonly afterMs: number }
  | undefined;

interface RetryTurn {
  readonly sync: Sync;
  readonly settings: SyncSettings;
  readonly record: RolloutRecord;
}

/** Whether failures are to be tried again: because somebody asked, or because a pause of `retry` is over. */
export function retryAnswer(turn: RetryTurn, context: ReconcileContext, now: number): RetryAnswer {
  const request = newRequest(turn, context);
  if (request !== undefined) return onRequest(request, turn, context);
  const { record, settings } = turn;
  if (!record.isFinished || record.fields.phase !== 'failed') return undefined;
  return onOwn(record, settings, context, now);
}

/** The annotation's value unless it was acted on. */
function newRequest({ sync, settings }: RetryTurn, { view }: ReconcileContext): string | undefined {
  const request = sync.metadata.annotations?.[ANNOTATION.retry];
  if (request === undefined || request === sync.status?.lastHandledRetry) return undefined;
  const isDone = rolloutsOf(settings, view.caches).some(({ spec }) => spec.retry === request);
  return isDone ? undefined : request;
}

/** What a request means, `<anything new> <namespace/name or *>`; also after a crash, when its Rollout is there. */
export function requestedRetry(request: string, context: ReconcileContext): ChooseRetry {
  const target = request.trim().split(/\s+/).at(-1) ?? '';
  return (key, change) =>
    target === '*' || target === key ? choiceOf(key, change, 0, context) : undefined;
}

function onRequest(request: string, { record }: RetryTurn, context: ReconcileContext): RetryAnswer {
  const choose = requestedRetry(request, context);
  return isAnyChosen(record, choose)
    ? { kind: 'now', choose, request }
    : { kind: 'nothing', request };
}

function onOwn(
  record: RolloutRecord,
  { retry }: SyncSettings,
  context: ReconcileContext,
  now: number,
): RetryAnswer {
  if (liveFailures(record).some((one) => hasEnded(one, record, context, now))) {
    return { kind: 'now', choose: () => undefined, request: undefined };
  }
  if (!retry) return undefined;
  const limits = { limit: retry.limit, backoffMs: parseDuration(retry.backoff) ?? 30_000 };
  const dueAt = (key: ObjectKey, change: ChangeRecord): number | undefined =>
    choiceOf(key, change, 0, context) && nextRetryAt(change, limits);
  const due = liveFailures(record).flatMap(({ key, change }) => dueAt(key, change) ?? []);
  if (due.length === 0) return undefined;
  const afterMs = Math.min(...due) - now;
  if (afterMs > 0) return { kind: 'later', afterMs };
  const choose: ChooseRetry = (key, change) => {
    const at = dueAt(key, change);
    if (at === undefined || at > now) return undefined;
    return choiceOf(key, change, (change.retries ?? 0) + 1, context);
  };
  return { kind: 'now', choose, request: undefined };
}

/** Whether the next attempt will find that a failure is none any more, without doing anything. */
function hasEnded(
  { key, n, change }: LiveFailure,
  record: RolloutRecord,
  context: ReconcileContext,
  now: number,
): boolean {
  // A PlanRun takes its late end over by itself.
  if (change.kind === 'run-plan') return false;
  const facts = instanceFacts(key, record, context, now);
  const plan = { key, changes: [], problems: [], notes: [] };
  const situation = { ...facts, plan, desiredHash: '', secrets: [] };
  return endOfFailure({ n, record: change }, situation) !== undefined;
}

/** Runs the plan again where it ran; what never came so far, or is gone, is planned anew. */
function choiceOf(
  key: ObjectKey,
  { kind, cause, state, instanceUid, planUid }: ChangeRecord,
  retries: number,
  { view }: ReconcileContext,
): ReturnType<ChooseRetry> {
  if (state !== 'failed' || cause === 'timeout') return undefined;
  const observed = view.caches.instances.get(key);
  // What else keeps an Instance from going is not mended by another run.
  if (kind === 'delete') return failedCleanup(observed) ? { kind: 'rerun', retries } : undefined;
  const isThere = observed !== undefined && observed.metadata.uid === instanceUid;
  const hasRun = cause === 'plan' && planUid !== undefined && isThere;
  return { kind: hasRun ? 'rerun' : 'replan', retries };
}

function isAnyChosen(record: RolloutRecord, choose: ChooseRetry): boolean {
  return liveFailures(record).some(({ key, change }) => choose(key, change) !== undefined);
}

interface LiveFailure {
  readonly key: ObjectKey;
  readonly n: NumberedRecord['n'];
  readonly change: ChangeRecord;
}

function liveFailures(record: RolloutRecord): readonly LiveFailure[] {
  return [...record.records()].flatMap(([key, records]) =>
    records
      .filter(
        ({ n, record: change }) => change.state === 'failed' && !isOutdone(n, change, records),
      )
      .map(({ n, record: change }) => ({ key, n, change })),
  );
}
