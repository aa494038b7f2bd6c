import { sendRun } from '../act/send-run.ts';
import { startedRun, writeTrouble } from '../act/send-change.ts';
import { KubeError } from '../cluster/kube-client.ts';
import { INSTANCES, pathOf, PLAN_RUNS } from '../cluster/resources.ts';
import type { Instance } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import { withFields, type Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import { tokenId } from '../model/change-token.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import { ownerUid } from '../model/owner-uid.ts';
import {
  hasEnded,
  isLeftRunning,
  stateOf,
  type PlanRun,
  type PlanRunStatus,
} from '../model/plan-run.ts';
import { maskSecrets } from '../plan/mask-secrets.ts';
import {
  isToRetry,
  runStep,
  type RunObstacle,
  type RunSituation,
  type RunStep,
} from '../plan/run-step.ts';
import { cut } from '../plan/settle-record.ts';
import { openChangeOn } from './open-intents.ts';
import { observedSecrets } from './plan-revision.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { settingsOrNone } from './sync-settings.ts';

/** Says what keeps a PlanRun of a Sync from starting: its place among the changes of its commit. */
export type RunGate = (run: PlanRun) => RunObstacle | undefined;

const AFTER_WRITE_MS = 20;

/**
 * Passes over the PlanRuns of one Instance, whoever made them: Git, a PlanSchedule, a person. At most one
 * of them is under way at a time; intents are stored before the writes they announce.
 */
export class RunReconciler {
  readonly #context: ReconcileContext;
  readonly #gate: RunGate;

  constructor(context: ReconcileContext, gate: RunGate) {
    this.#context = context;
    this.#gate = gate;
  }

  async pass(instance: ObjectKey, scope: Scope): Promise<PassResult> {
    const runs = this.#context.view.caches.planRuns
      .indexed('instance', instance)
      .filter((run) => !hasEnded(run) || isToRetry(run) || isLeftRunning(run))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .toSorted(byTurn);
    let afterMs = Infinity;
    let first: PlanRun | undefined;
    for (const run of runs) {
      const inScope = withFields(scope, { planRun: keyOf(run) });
      const result = await this.#advance(run, first, instance, inScope);
      if (result.failed) return result.failed;
      if (result.holdsOthers) first ??= run;
      afterMs = Math.min(afterMs, result.lookAgainMs ?? Infinity);
    }
    return afterMs === Infinity ? { kind: 'settled' } : { kind: 'again', afterMs };
  }

  async #advance(
    run: PlanRun,
    first: PlanRun | undefined,
    instance: ObjectKey,
    scope: Scope,
  ): Promise<Advanced> {
    const obstacle = first
      ? { kind: 'waits' as const, message: `waits for PlanRun ${first.metadata.name}` }
      : this.#obstacleTo(run, instance);
    const step = this.#step(run, instance, obstacle, scope);
    try {
      const stored = step.status ? await this.#store(run, step.status, scope) : run;
      if (step.send) return await this.#send(stored, step.send.observed, scope);
      const holdsOthers = isUnderWay(stored);
      return { holdsOthers, lookAgainMs: step.lookAgainMs };
    } catch (thrown) {
      scope.signal.throwIfAborted();
      // Somebody wrote it meanwhile: the watch brings what they wrote.
      if (isStale(thrown)) return { holdsOthers: true, lookAgainMs: 1_000 };
      if (!(thrown instanceof Failure)) throw thrown;
      return { holdsOthers: true, failed: { kind: 'failed', reason: thrown.message } };
    }
  }

  #obstacleTo(run: PlanRun, instance: ObjectKey): RunObstacle | undefined {
    const { caches } = this.#context.view;
    const gate = this.#gate(run);
    if (gate) return gate;
    const observed = caches.instances.get(instance);
    const change = observed && openChangeOn(observed, caches);
    return change === undefined ? undefined : { kind: 'waits', message: `waits for ${change}` };
  }

  #step(
    run: PlanRun,
    instance: ObjectKey,
    obstacle: RunObstacle | undefined,
    scope: Scope,
  ): RunStep {
    const { view } = this.#context;
    const observed = view.caches.instances.get(instance);
    const children = observed ? view.descendants(observed) : [];
    return runStep({
      run,
      obstacle,
      observed,
      children,
      childrenQuietMs: Math.min(...children.map((child) => view.quietMs(keyOf(child)))),
      quietMs: view.quietMs(instance),
      lastRun: view.lastRun(instance),
      planTimeout: this.#timeoutOf(run, observed),
      secrets: [...(observed ? [observed] : []), ...children].flatMap((one) =>
        observedSecrets(one, view.caches),
      ),
      now: new Date(scope.clock.now()).toISOString(),
    });
  }

  /** As the Sync says that the PlanRun came from, else the one that the Instance belongs to. */
  #timeoutOf(run: PlanRun, observed: Instance | undefined): RunSituation['planTimeout'] {
    const uid = ownerUid(run) ?? ownerUid(observed);
    const { syncs } = this.#context.view.caches;
    const sync = syncs.list().find(({ metadata }) => metadata.uid === uid);
    const settings = sync && settingsOrNone(sync);
    return settings && { ms: settings.planTimeoutMs, text: settings.planTimeout };
  }

  async #store(run: PlanRun, status: PlanRunStatus, scope: Scope): Promise<PlanRun> {
    const { client, view } = this.#context;
    const path = { ...pathOf(PLAN_RUNS, keyOf(run)), subresource: 'status' };
    const { uid, resourceVersion } = run.metadata;
    const body = { metadata: { uid, resourceVersion }, status: withoutGaps(status) };
    const patch = { type: 'merge', body, fieldManager: FIELD_MANAGER } as const;
    const stored = await client.patch<PlanRun>(path, patch, scope);
    view.caches.planRuns.update(stored);
    const { state, message } = status;
    if (state !== stateOf(run)) scope.log.info('plan run', { state, message });
    return stored;
  }

  async #send(run: PlanRun, observed: Instance, scope: Scope): Promise<Advanced> {
    const { client, view } = this.#context;
    const { attempt = 1, plan = run.spec.plan, uidBefore } = run.status ?? {};
    const token = { id: tokenId(run.metadata.uid ?? '', 0, attempt), plan, uidBefore };
    const secrets = observedSecrets(observed, view.caches);
    try {
      const result = await sendRun({ observed, plan, token }, client, scope);
      if (result.kind === 'denied') {
        const message = cut(`refused: ${maskSecrets(result.message, secrets)}`);
        const finishedAt = new Date(scope.clock.now()).toISOString();
        await this.#store(run, { ...run.status, state: 'failed', message, finishedAt }, scope);
        return { holdsOthers: false };
      }
      if (result.kind !== 'admitted') {
        await this.#refresh(keyOf(observed), scope);
        return { holdsOthers: true, lookAgainMs: AFTER_WRITE_MS };
      }
      view.caches.instances.update(result.instance);
      const { plan: started, uid: planUid } = startedRun(result.instance);
      await this.#store(run, { ...run.status, state: 'running', plan: started, planUid }, scope);
      return { holdsOthers: true };
    } catch (thrown) {
      scope.signal.throwIfAborted();
      if (!(thrown instanceof Failure) || isStale(thrown)) throw thrown;
      const reason = maskSecrets(writeTrouble(keyOf(observed), thrown), secrets);
      scope.log.warn('plan not started', { reason });
      await this.#store(run, { ...run.status, message: cut(reason) }, scope);
      return { holdsOthers: true, failed: { kind: 'failed', reason } };
    }
  }

  async #refresh(key: ObjectKey, scope: Scope): Promise<void> {
    const { client, view } = this.#context;
    try {
      view.caches.instances.update(await client.get<Instance>(pathOf(INSTANCES, key), scope));
    } catch (thrown) {
      if (!(thrown instanceof KubeError) || thrown.code !== 404) throw thrown;
    }
  }
}

const isStale = (thrown: unknown): boolean =>
  thrown instanceof KubeError && (thrown.code === 409 || thrown.code === 404);

interface Advanced {
  /** True while no other PlanRun of the Instance may start. */
  readonly holdsOthers: boolean;
  readonly lookAgainMs?: number | undefined;
  readonly failed?: PassResult;
}

const isUnderWay = (run: PlanRun): boolean =>
  stateOf(run) === 'sending' || stateOf(run) === 'running';

/** What is under way first, then the oldest; those of one second by name. */
function byTurn(a: PlanRun, b: PlanRun): number {
  if (isUnderWay(a) !== isUnderWay(b)) return isUnderWay(a) ? -1 : 1;
  const [left, right] = [a, b].map(
    ({ metadata }) => `${metadata.creationTimestamp ?? ''} ${metadata.name}`,
  ) as [string, string];
  return left < right ? -1 : 1;
}

/** A merge patch keeps fields that are left out, and JSON leaves out what is undefined. */
function withoutGaps(status: PlanRunStatus): object {
  return Object.fromEntries(
    Object.entries({ ...ABSENT, ...status }).map(([name, value]) => [name, value ?? null]),
  );
}

const ABSENT = {
  cause: null,
  message: null,
  progress: null,
  plan: null,
  instanceUid: null,
  planUid: null,
  uidBefore: null,
  startedAt: null,
  finishedAt: null,
};
