import { changePatch, newInstance, retriggerPatch } from '../../src/act/instance-write.ts';
import { metadataPatch } from '../../src/act/metadata-patch.ts';
import type { Admission, AdmissionContext } from '../../src/kudo/admission.ts';
import { admitCreate } from '../../src/kudo/admit-create.ts';
import { admitUpdate } from '../../src/kudo/admit-update.ts';
import type {
  Instance,
  OperatorVersion,
  PhaseStatus,
  Plan,
  StepStatus,
} from '../../src/kudo/objects.ts';
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
  /** Of the Rollout that writes. */
  rolloutUid = ROLLOUT_UID;
  readonly #versions: readonly OperatorVersion[];
  readonly #context: AdmissionContext;
  #uids = 0;
  #ends = 0;

  constructor(instance: Instance | undefined, versions: readonly OperatorVersion[]) {
    this.instance = instance;
    this.#versions = versions;
    this.#context = {
      findOperatorVersion: (_namespace, name) =>
        versions.find(({ metadata }) => metadata.name === name),
      newUid: () => `u${String((this.#uids += 1))}`,
    };
  }

  /** Writes what `act/` would; undefined when it was refused. */
  write({ change, mode, n }: Send, record: ChangeRecord): Instance | undefined {
    const token = {
      id: tokenId(this.rolloutUid, n, record.attempt),
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

  /** Somebody else runs a plan of the idle Instance; it ends well. */
  runByOthers(plan: string): void {
    if (!this.instance) return;
    const patch = { spec: { planExecution: { planName: plan, uid: 'any' } } };
    const answer = admitUpdate(
      this.instance,
      merge(this.instance, patch) as Instance,
      this.#context,
    );
    if (!answer.allowed) throw new Error(answer.message);
    this.instance = answer.instance;
    this.completePlan();
  }

  /** Ends the plan that runs, as KUDO does: the spec is cleared, the status says how it ended. */
  completePlan(): void {
    this.endPlan(Infinity);
  }

  /** The same; the plan ends in FATAL_ERROR in its step `failing`, if it has that many. */
  endPlan(failing: number): void {
    const { planName, uid } = this.instance?.spec?.planExecution ?? {};
    if (!this.instance || !planName) return;
    const phases = phasesOf(this.#plan(planName), failing);
    const hasFailed = phases.some(({ status }) => status === 'FATAL_ERROR');
    const status = hasFailed ? ('FATAL_ERROR' as const) : ('COMPLETE' as const);
    const lastUpdatedTimestamp = new Date(1e12 + (this.#ends += 1) * 1_000).toISOString();
    const run = { name: planName, uid, status, lastUpdatedTimestamp, phases };
    const planStatus = { ...this.instance.status?.planStatus, [planName]: run };
    const spec = { ...this.instance.spec, planExecution: {} };
    this.instance = { ...this.instance, spec, status: { planStatus } };
  }

  #plan(name: string): Plan | null | undefined {
    const current = this.instance?.spec?.operatorVersion?.name;
    const version = this.#versions.find(({ metadata }) => metadata.name === current);
    return version?.spec?.plans?.[name];
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

/** The phases of a run whose step `failing` fails, counted over all of them. */
function phasesOf(plan: Plan | null | undefined, failing: number): readonly PhaseStatus[] {
  let place = 0;
  const next = (): StepStatus['status'] => {
    place += 1;
    if (place > failing + 1) return 'PENDING';
    return place === failing + 1 ? 'FATAL_ERROR' : 'COMPLETE';
  };
  return (plan?.phases ?? []).map((phase) => {
    const steps = (phase.steps ?? []).map(({ name }) => ({ name, status: next() }));
    const worst = steps.find(({ status }) => status !== 'COMPLETE');
    return { name: phase.name, status: worst?.status ?? 'COMPLETE', steps };
  });
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
