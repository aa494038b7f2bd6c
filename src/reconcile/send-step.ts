import type { Provenance } from '../act/instance-write.ts';
import { sendChange, startedRun, writeTrouble, type InstanceWrite } from '../act/send-change.ts';
import { KubeError } from '../cluster/kube-client.ts';
import { INSTANCES, pathOf } from '../cluster/resources.ts';
import type { Instance } from '../kudo/objects.ts';
import type { Scope } from '../lib/scope.ts';
import { editsOf, type Change } from '../model/change.ts';
import { tokenId, type ChangeToken } from '../model/change-token.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { maskSecrets } from '../plan/mask-secrets.ts';
import type { SendMode } from '../plan/obstacle-to.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import { cut } from '../plan/settle-record.ts';
import { openRunOn } from './open-intents.ts';
import { correctedFields, correctedText } from './corrected-fields.ts';
import { planContext, secretsOf } from './plan-revision.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { SyncJob } from './sync-job.ts';
import type { SyncSettings } from './sync-settings.ts';

/** One change that is stored as `sending` and now to be written. */
export interface SendTask {
  readonly key: ObjectKey;
  readonly instance: DesiredInstance | undefined;
  readonly n: number;
  readonly change: Change | undefined;
  readonly mode: SendMode;
}

interface At {
  readonly job: Pick<SyncJob, 'fights'>;
  readonly settings: SyncSettings;
  readonly revision: RevisionState;
  readonly record: RolloutRecord;
}

/**
 * Writes the change and records what came of it. A write that nobody decided on stays `sending`.
 *
 * @returns what is in the way, for the Sync's condition; undefined when nothing is
 */
export async function sendStep(
  task: SendTask,
  at: At,
  context: ReconcileContext,
  scope: Scope,
): Promise<string | undefined> {
  const { key, n } = task;
  const record = at.record.get(key, n);
  const before = context.view.caches.instances.get(key);
  const open = before && openRunOn(before, context.view.caches);
  // Its token is overwritten when its run is known, in a moment.
  if (open !== undefined) return undefined;
  const write = record && writeOf(task, record, at, context);
  if (!record || !write) return undefined;
  try {
    const result = await sendChange(write, context.client, scope);
    if (result.kind === 'deleted') {
      at.record.set(key, n, { ...record, state: 'running' });
      scope.log.info('instance deleted', { instance: key, plan: record.plan });
      return undefined;
    }
    if (result.kind === 'stale') return await refresh(key, context, scope);
    if (result.kind === 'denied') {
      const message = withoutSecrets(result.message, task, at, context);
      at.record.set(key, n, denied(record, message, scope));
      return undefined;
    }
    context.view.caches.instances.update(result.instance);
    at.record.set(key, n, admitted(record, result.instance, scope));
    countCorrections(task, at);
    tellCorrected(task, before, at, context);
    logSent(task, result.instance, scope);
    return undefined;
  } catch (thrown) {
    scope.signal.throwIfAborted();
    const trouble = withoutSecrets(writeTrouble(key, thrown), task, at, context);
    at.record.set(key, n, { ...record, message: cut(trouble) });
    scope.log.warn('instance not written', { instance: key, reason: trouble });
    return trouble;
  }
}

/** What was said to a write may quote what was written. */
function withoutSecrets(
  said: string,
  { key, instance: desired }: SendTask,
  { revision }: At,
  { view: { caches } }: ReconcileContext,
): string {
  const owner = { desired, observed: caches.instances.get(key), children: [] };
  return maskSecrets(said, secretsOf(owner, revision, caches));
}

/** The Event about a value that was set back; who had set it stands in it. */
function tellCorrected(
  task: SendTask,
  before: Instance | undefined,
  at: At,
  context: ReconcileContext,
): void {
  const text = task.change && correctedText(task.change);
  if (!text || !before) return;
  const message = withoutSecrets(text, task, at, context);
  const event = { type: 'Warning', reason: 'DriftCorrected', message } as const;
  context.driftEvents.tell(before, event, `${at.record.uid}/${String(task.n)}`);
}

/** What a later attempt of a commit writes, no commit asked for anew: it sets something back. */
function countCorrections({ key, change }: SendTask, { job, record }: At): void {
  if (!change) return;
  const isRepeat = record.spec.attempt > 1;
  const drifted = new Set(editsOf(change).flatMap((one) => (one.isDrift ? [one.name] : [])));
  for (const field of correctedFields(change)) {
    if (isRepeat || drifted.has(field)) job.fights.corrected(key, field);
  }
}

function writeOf(
  { key, n, change, mode, instance }: SendTask,
  record: ChangeRecord,
  { settings, revision, record: rollout }: At,
  context: ReconcileContext,
): InstanceWrite | undefined {
  const token: ChangeToken = {
    id: record.token ?? tokenId(rollout.uid, n, record.attempt),
    plan: record.plan === '-' ? undefined : record.plan,
    uidBefore: record.uidBefore,
  };
  const path = instance?.position.file ?? '';
  const { revision: rolled } = rollout.spec;
  const dependsOn = instance?.dependsOn;
  const provenance = { token, syncUid: settings.uid, revision: rolled, path, dependsOn };
  if (change?.kind === 'create') {
    const operator = operatorOf(change.desired, revision, context);
    return { key, provenance, kind: 'create', change, operator };
  }
  const observed = context.view.caches.instances.get(key);
  return observed && patchOf({ key, change, mode }, { provenance, observed, plan: record.plan });
}

function patchOf(
  { key, change, mode }: Pick<SendTask, 'key' | 'mode'> & { change: PatchedChange | undefined },
  {
    plan,
    ...to
  }: { readonly provenance: Provenance; readonly observed: Instance; readonly plan: string },
): InstanceWrite | undefined {
  if (mode.kind === 'retrigger') return { key, ...to, kind: 'retrigger', plan };
  if (mode.kind === 'clean-again')
    return { key, ...to, kind: 'clean-again', failedUid: mode.failedUid };
  if (!change) return undefined;
  if (mode.kind === 'abandon') {
    return { key, ...to, kind: 'abandon', runningUid: mode.runningUid };
  }
  if (mode.kind === 'cure' && change.kind === 'set-parameters') {
    return { key, ...to, kind: 'cure', change, runningUid: mode.runningUid };
  }
  return singleWrite(key, change, to);
}

function singleWrite(
  key: ObjectKey,
  change: PatchedChange,
  to: { readonly provenance: Provenance; readonly observed: Instance },
): InstanceWrite | undefined {
  if (change.kind === 'abandon') return undefined;
  if (change.kind === 'delete') return { key, ...to, kind: 'delete' };
  if (change.kind === 'upgrade' || change.kind === 'set-parameters') {
    return { key, ...to, kind: 'change', change };
  }
  return { key, ...to, kind: 'metadata', change };
}

type PatchedChange = Exclude<Change, { kind: 'create' }>;

function operatorOf(
  desired: DesiredInstance,
  revision: RevisionState,
  { view }: ReconcileContext,
): string | undefined {
  const { namespace, name } = referenceOf(desired);
  const versions = planContext(revision, view.caches);
  return versions.findDesired(namespace, name)?.spec?.operator?.name;
}

/** The plan run comes from the answer to our own write (invariant 3). */
function admitted(record: ChangeRecord, instance: Instance, scope: Scope): ChangeRecord {
  const instanceUid = instance.metadata.uid;
  if (record.plan === '-') {
    const finishedAt = new Date(scope.clock.now()).toISOString();
    return { ...record, instanceUid, state: 'succeeded', finishedAt };
  }
  const { plan, uid } = startedRun(instance);
  return { ...record, instanceUid, plan, planUid: uid, state: 'running', message: undefined };
}

function denied(record: ChangeRecord, message: string, scope: Scope): ChangeRecord {
  const finishedAt = new Date(scope.clock.now()).toISOString();
  return {
    ...record,
    state: 'failed',
    cause: 'denied',
    message: cut(`refused: ${message}`),
    finishedAt,
  };
}

async function refresh(
  key: ObjectKey,
  { client, view }: ReconcileContext,
  scope: Scope,
): Promise<undefined> {
  try {
    view.caches.instances.update(await client.get<Instance>(pathOf(INSTANCES, key), scope));
  } catch (thrown) {
    if (!(thrown instanceof KubeError) || thrown.code !== 404) throw thrown;
  }
  return undefined;
}

function logSent({ key, change, mode }: SendTask, instance: Instance, scope: Scope): void {
  const { planName, uid } = instance.spec?.planExecution ?? {};
  const kind = mode.kind === 'plain' ? (change?.kind ?? '') : mode.kind;
  scope.log.info('change written', { instance: key, kind, plan: planName, planUid: uid });
}
