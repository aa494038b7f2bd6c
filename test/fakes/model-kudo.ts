import { changePatch, newInstance, retriggerPatch } from '../../src/act/instance-write.ts';
import { metadataPatch } from '../../src/act/metadata-patch.ts';
import type { Admission, AdmissionContext } from '../../src/kudo/admission.ts';
import { admitCreate } from '../../src/kudo/admit-create.ts';
import { admitUpdate } from '../../src/kudo/admit-update.ts';
import type { Instance, OperatorVersion } from '../../src/kudo/objects.ts';
import { isMetadataKind, type Change, type MetadataChange } from '../../src/model/change.ts';
import { tokenId } from '../../src/model/change-token.ts';
import type { DesiredInstance } from '../../src/model/desired.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { nextStep, type InstanceStep } from '../../src/plan/next-step.ts';
import { planInstance, type PlanContext } from '../../src/plan/plan-instance.ts';
import { summarize } from '../../src/plan/rollout-verdict.ts';
import { KEY, ROLLOUT_UID, situation, SYNC_UID } from '../builders.ts';

type Send = NonNullable<InstanceStep['send']>;

/** KUDO's admission over one Instance, and a controller that ends every plan when it is told to. */
export class ModelKudo {
  instance: Instance | undefined;
  /** Plans that ran, in their order. */
  readonly runs: string[] = [];
  readonly refusals: string[] = [];
  /** Plans that KUDO scheduled where the planner had said another one. */
  readonly unexpectedPlans: string[] = [];
  readonly #context: AdmissionContext;
  #uids = 0;

  constructor(instance: Instance | undefined, versions: readonly OperatorVersion[]) {
    this.instance = instance;
    this.#context = {
      findOperatorVersion: (_namespace, name) =>
        versions.find(({ metadata }) => metadata.name === name),
      newUid: () => `u${String((this.#uids += 1))}`,
    };
  }

  /** Writes what `act/` would; undefined when it was refused. */
  write({ change, mode, n }: Send, record: ChangeRecord): Instance | undefined {
    const token = {
      id: tokenId(ROLLOUT_UID, n, record.attempt),
      plan: record.plan,
      uidBefore: record.uidBefore,
    };
    const provenance = { token, syncUid: SYNC_UID, revision: 'main@sha1:0', path: 'orders.yaml' };
    const before = this.instance;
    if (change?.kind === 'create') {
      const created = newInstance(change, 'queue', provenance);
      return this.#take(admitCreate(withUid(created), this.#context), record);
    }
    if (!before) return undefined;
    if (mode.kind === 'cure') throw new Error('there is one revision only: nothing to cure');
    const patch = change
      ? patchFor(change, before, provenance)
      : retriggerPatch(KEY, before, { plan: record.plan, uid: 'any' }, provenance);
    return this.#take(admitUpdate(before, merge(before, patch) as Instance, this.#context), record);
  }

  /** Ends the plan that runs, as KUDO does: the spec is cleared, the status says how it ended. */
  completePlan(): void {
    const { planName, uid } = this.instance?.spec?.planExecution ?? {};
    if (!this.instance || !planName) return;
    const planStatus = {
      ...this.instance.status?.planStatus,
      [planName]: { name: planName, uid, status: 'COMPLETE' as const },
    };
    const spec = { ...this.instance.spec, planExecution: {} };
    this.instance = { ...this.instance, spec, status: { planStatus } };
  }

  #take(answer: Admission, record: ChangeRecord): Instance | undefined {
    if (!answer.allowed) {
      this.refusals.push(answer.message);
      return undefined;
    }
    this.instance = answer.instance;
    if (answer.scheduled !== undefined) this.runs.push(answer.scheduled);
    if ((answer.scheduled ?? '-') !== record.plan) {
      this.unexpectedPlans.push(`${answer.scheduled ?? 'none'} instead of ${record.plan}`);
    }
    return answer.instance;
  }
}

const MAX_STEPS = 60;

/**
 * Takes step after step until there is none; a service that is killed before or after a write, or before
 * it has recorded it, is one that `chance` (0 to 9) lets begin again.
 */
export function settleAll(
  desired: DesiredInstance,
  context: PlanContext,
  kudo: ModelKudo,
  chance: () => number,
): 'succeeded' | 'failed' | 'held' {
  const records = new Map<number, ChangeRecord>();
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const numbered = [...records].map(([n, record]) => ({ n, record }));
    const plan = planInstance(desired, kudo.instance, context);
    const step = nextStep(situation({ plan, observed: kudo.instance, records: numbered }));
    for (const [n, record] of step.records) {
      if (record) records.set(n, record);
      else records.delete(n);
    }
    if (step.send) send(step.send, records, kudo, chance);
    else if (kudo.instance?.spec?.planExecution?.planName) kudo.completePlan();
    else if (step.records.size === 0) return verdictOf(records);
  }
  throw new Error(`no end after ${String(MAX_STEPS)} steps: ${JSON.stringify([...records])}`);
}

function send(
  task: Send,
  records: Map<number, ChangeRecord>,
  kudo: ModelKudo,
  chance: () => number,
): void {
  const record = records.get(task.n);
  if (!record || chance() === 0) return;
  const written = kudo.write(task, record);
  if (!written || chance() === 0) return;
  const { uid } = written.metadata;
  const planUid = written.spec?.planExecution?.uid;
  const state = record.plan === '-' ? 'succeeded' : 'running';
  records.set(task.n, { ...record, state, planUid, instanceUid: uid });
}

function verdictOf(records: ReadonlyMap<number, ChangeRecord>): 'succeeded' | 'failed' | 'held' {
  const numbered = [...records].map(([n, record]) => ({ n, record }));
  if (numbered.some(({ record }) => record.state === 'held')) return 'held';
  const { phase } = summarize(new Map([[KEY, numbered]]), 0);
  if (phase === 'progressing') throw new Error(JSON.stringify(numbered));
  return phase;
}

const withUid = (instance: Instance): Instance => ({
  ...instance,
  metadata: { ...instance.metadata, uid: 'instance-uid', resourceVersion: '1' },
});

function patchFor(
  change: Exclude<Change, { kind: 'create' }>,
  before: Instance,
  provenance: Parameters<typeof changePatch>[2],
): unknown {
  if (change.kind === 'delete' || change.kind === 'abandon')
    throw new Error('Git wants the Instance, and no plan hangs');
  return isMetadata(change)
    ? metadataPatch(change, before, provenance)
    : changePatch(change, before, provenance);
}

const isMetadata = <T extends Change>(change: T): change is T & MetadataChange =>
  isMetadataKind(change.kind);

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const merged: Record<string, unknown> =
    typeof target === 'object' && target !== null ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}
