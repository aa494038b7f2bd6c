import { KubeError } from '../cluster/kube-client.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import { withFields, type Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import { keyOf, splitKey, type ObjectKey } from '../model/kube-object.ts';
import { isVerdict, type ChangeRecords, type Rollout } from '../model/rollout.ts';
import { NOTES_REF, noteLineOf } from '../report/rollout-note.ts';
import type { GitNoteLine } from '../source/git-source.ts';
import { HoldOffs } from './hold-offs.ts';
import type { OpenRecords } from './outbox-sender.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';
import { loadRecord, rolloutsOf } from './rollout-store.ts';
import type { SyncJob } from './sync-job.ts';
import { readRemote, settingsOrNone, type SyncSettings } from './sync-settings.ts';

/** Nobody waits for a note. */
const BACKOFF = { minMs: 1_000, maxMs: 600_000 };
/** Rollouts that one push tells of. */
const MAX_ROLLOUTS = 50;

/** What the pusher shares with those who carry Rollouts out. */
export interface NotesWorld extends OpenRecords {
  readonly jobOf: (sync: ObjectKey) => SyncJob | undefined;
  /** Told when the Sync has trouble with its notes to tell, or no longer. */
  readonly told: (sync: ObjectKey) => void;
}

/**
 * Pushes a Git note for every finished Rollout of the Syncs that want them. What is to be noted is read
 * off the Rollouts, so that nothing is lost with the process; a repository that refuses holds up nothing.
 */
export class NotesPusher {
  readonly #context: ReconcileContext;
  readonly #world: NotesWorld;
  readonly #holdOffs: HoldOffs;

  constructor(context: ReconcileContext, world: NotesWorld) {
    this.#context = context;
    this.#world = world;
    this.#holdOffs = new HoldOffs(BACKOFF, context.random);
  }

  /** True when a finished Rollout of the Sync has no note yet. */
  hasWork(sync: ObjectKey): boolean {
    const settings = this.#settings(sync);
    if (!settings) return this.#world.jobOf(sync)?.notesTrouble !== undefined;
    return this.#waiting(settings).length > 0;
  }

  async pass(sync: ObjectKey, scope: Scope): Promise<PassResult> {
    const settings = this.#settings(sync);
    if (!settings) this.#tell(sync, undefined);
    const waiting = settings ? this.#waiting(settings) : [];
    if (!settings || waiting.length === 0) return { kind: 'settled' };
    const waitMs = this.#holdOffs.waitMs(sync, scope.clock.now());
    if (waitMs > 0) return { kind: 'again', afterMs: waitMs };
    try {
      await this.#push(settings, waiting.slice(0, MAX_ROLLOUTS), withFields(scope, { sync }));
      this.#holdOffs.succeeded(sync);
      this.#tell(sync, undefined);
      return this.hasWork(sync) ? { kind: 'again', afterMs: 100 } : { kind: 'settled' };
    } catch (thrown) {
      scope.signal.throwIfAborted();
      scope.log.warn('Git notes not pushed', { sync, error: thrown });
      this.#tell(sync, troubleOf(thrown));
      const afterMs = this.#holdOffs.failed(sync, thrown, scope.clock.now());
      return { kind: 'failed', reason: messageOf(thrown), afterMs };
    }
  }

  /** Undefined when the Sync wants no notes, or cannot be understood. */
  #settings(key: ObjectKey): SyncSettings | undefined {
    const sync = this.#context.view.caches.syncs.get(key);
    if (!sync || sync.metadata.deletionTimestamp !== undefined) return undefined;
    const settings = settingsOrNone(sync);
    return settings?.notes === true && !settings.suspend ? settings : undefined;
  }

  #waiting(settings: SyncSettings): readonly Rollout[] {
    return rolloutsOf(settings, this.#context.view.caches).filter(
      ({ status }) => isVerdict(status?.phase) && status?.noted !== true,
    );
  }

  async #push(settings: SyncSettings, rollouts: readonly Rollout[], scope: Scope): Promise<void> {
    const { client, clusterName, source } = this.#context;
    const records: RolloutRecord[] = [];
    for (const rollout of rollouts) {
      const record = await this.#recordOf(keyOf(rollout), scope);
      if (record?.isFinished === true && record.fields.noted !== true) records.push(record);
    }
    const lines = records.map((record) => lineOf(record, clusterName));
    const remote = await readRemote(settings, client, scope);
    if (lines.length > 0) await source.addNoteLines(remote, NOTES_REF, lines, scope);
    for (const record of records) {
      await this.#mark(record, scope);
      scope.log.info('Git note pushed', { rollout: record.key, commit: record.oid });
    }
  }

  /** What somebody else wrote meanwhile is read again by the next pass, which has nothing left to push. */
  async #mark(record: RolloutRecord, scope: Scope): Promise<void> {
    record.update({ noted: true });
    try {
      await record.flush(this.#context.client, scope);
    } catch (thrown) {
      if (!(thrown instanceof KubeError) || thrown.code !== 409) throw thrown;
      this.#world.forget(record.key);
    }
  }

  /** Undefined when the Rollout is gone. */
  async #recordOf(key: ObjectKey, scope: Scope): Promise<RolloutRecord | undefined> {
    const open = this.#world.open(key);
    if (open) return open;
    try {
      return await loadRecord(key, this.#context.client, scope);
    } catch (thrown) {
      if (thrown instanceof KubeError && thrown.code === 404) return undefined;
      throw thrown;
    }
  }

  #tell(sync: ObjectKey, trouble: string | undefined): void {
    const job = this.#world.jobOf(sync);
    if (!job || job.notesTrouble === trouble) return;
    job.notesTrouble = trouble;
    this.#world.told(sync);
  }
}

function lineOf(record: RolloutRecord, clusterName: string): GitNoteLine {
  const changes: ChangeRecords = Object.fromEntries(
    [...record.records()].flatMap(([key, records]) =>
      records.map(({ n, record: change }) => [`${key}/${String(n)}`, change] as const),
    ),
  );
  const metadata = { ...splitKey(record.key), uid: record.uid };
  return noteLineOf({ metadata, spec: record.spec, status: record.fields }, changes, clusterName);
}

function troubleOf(thrown: unknown): string {
  const hint = thrown instanceof Failure && thrown.hint !== undefined ? ` ${thrown.hint}` : '';
  return `Git notes wait to be pushed: ${messageOf(thrown)}.${hint}`;
}
