import type { OperatorVersion } from '../../src/kudo/objects.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { endOfFailure } from '../../src/plan/end-of-failure.ts';
import { inheritRecords, type ChooseRetry } from '../../src/plan/inherit-records.ts';
import type { InstanceSituation, NumberedRecord } from '../../src/plan/instance-situation.ts';
import { nextStep, type InstanceStep } from '../../src/plan/next-step.ts';
import { planInstance } from '../../src/plan/plan-instance.ts';
import { isOutdone, summarize } from '../../src/plan/rollout-verdict.ts';
import { desiredInstance, KEY, PLAN_CONTEXT, situation } from '../builders.ts';
import { ModelKudo } from './model-kudo.ts';

type Values = Readonly<Record<string, string>>;

/** Commits about one Instance, each carried out to its end, over one KUDO. */
export class PlanStory {
  readonly kudo: ModelKudo;
  readonly #version: OperatorVersion;
  /** The step in which the next plan run fails; none when it has fewer. */
  readonly #failing: (plan: string) => number;
  #records = new Map<number, ChangeRecord>();
  #values: Values = {};
  #revisions = 0;
  #rollouts = 0;

  constructor(version: OperatorVersion, failing: (plan: string) => number) {
    this.#version = version;
    this.#failing = failing;
    this.kudo = new ModelKudo(undefined, [version]);
  }

  commit(values: Values): void {
    this.#values = values;
    this.#revisions += 1;
    this.#open(undefined);
  }

  /** What failed is run again. */
  retry(): void {
    this.#open((_key, { state }) =>
      state === 'failed' ? { kind: 'rerun', retries: 0 } : undefined,
    );
  }

  /** Others run a plan; the next attempt is opened where the service would. */
  runByOthers(plan: string): void {
    this.kudo.runByOthers(plan);
    const ended = this.#numbered().some(
      (one) =>
        one.record.state === 'failed' &&
        !isOutdone(one.n, one.record, this.#numbered()) &&
        endOfFailure(one, this.#situation()) !== undefined,
    );
    if (ended) this.#open(undefined);
  }

  get phase(): string {
    return summarize(new Map([[KEY, this.#numbered()]]), 0).phase;
  }

  /** `plan state` of every record, by number. */
  get records(): readonly string[] {
    return this.#numbered().map(({ record }) => `${record.plan} ${record.state}`);
  }

  #open(retry: ChooseRetry | undefined): void {
    const revision = `main@sha1:${String(this.#revisions)}`;
    const before = `main@sha1:${String(this.#rollouts)}`;
    const predecessor = {
      uid: this.kudo.rolloutUid,
      revision: before,
      records: new Map([[KEY, this.#numbered()]]),
    };
    const hashes = new Map([[KEY, this.#hash]]);
    const { inherited } = inheritRecords(predecessor, { revision, retry }, hashes);
    this.#rollouts += 1;
    this.kudo.rolloutUid = `rollout-${String(this.#rollouts)}`;
    this.#records = new Map((inherited.get(KEY) ?? []).map((record, n) => [n, record]));
    for (let steps = 0; ; steps++) {
      if (steps > 60) throw new Error(`no end: ${JSON.stringify(this.#numbered())}`);
      if (!this.#step()) return;
    }
  }

  #step(): boolean {
    const step = nextStep(this.#situation());
    for (const [n, record] of step.records) {
      if (record) this.#records.set(n, record);
      else this.#records.delete(n);
    }
    if (step.send) {
      this.#send(step.send);
      return true;
    }
    const running = this.kudo.instance?.spec?.planExecution?.planName ?? '';
    if (running !== '') this.kudo.endPlan(this.#failing(running));
    return running !== '' || step.records.size > 0;
  }

  #send(send: NonNullable<InstanceStep['send']>): void {
    const sending = this.#records.get(send.n);
    const written = sending && this.kudo.write(send, sending);
    if (!written) throw new Error(`refused: ${this.kudo.refusals.join(', ')}`);
    const planUid = written.spec?.planExecution?.uid;
    const instanceUid = written.metadata.uid;
    this.#records.set(send.n, { ...sending, state: 'running', planUid, instanceUid });
  }

  #situation(): InstanceSituation {
    const find = (): OperatorVersion => this.#version;
    const context = { ...PLAN_CONTEXT, findDesired: find, findObserved: find };
    return situation({
      plan: planInstance(desiredInstance(this.#values), this.kudo.instance, context),
      observed: this.kudo.instance,
      version: this.#version,
      records: this.#numbered(),
      rolloutUid: this.kudo.rolloutUid,
      desiredHash: this.#hash,
    });
  }

  get #hash(): string {
    return JSON.stringify(this.#values);
  }

  #numbered(): readonly NumberedRecord[] {
    return [...this.#records].toSorted(([a], [b]) => a - b).map(([n, record]) => ({ n, record }));
  }
}
