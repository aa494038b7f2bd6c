import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../lib/failure.ts';
import type { PassResult } from '../lib/work-queue.ts';
import { withFields, type Scope } from '../lib/scope.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../model/kube-object.ts';
import type { Instance, OperatorVersion, PlanStatus } from '../kudo/objects.ts';
import { executePlan, type PlanWorld } from './execute-plan.ts';
import { versionReference } from '../kudo/version-reference.ts';
import { conditionsOf, planExecutionOf, planStatusesOf } from './instance-fields.ts';
import { secondsText, type EventText } from '../cluster/kube-event.ts';
import { startedRun, withPlanStatus } from './plan-status.ts';
import { withReadiness } from './readiness.ts';
import { resourcesReadiness } from './resources-readiness.ts';
import { dependencyProblem, type InstalledOperators } from './resolve-dependencies.ts';
import { isTerminal, type PlanFailure } from './run-plan.ts';
import { withCleanupScheduled } from './scheduled-plan.ts';
import { writeInstance, type InstanceWriter } from './write-instance.ts';

/** What a pass over an Instance reaches outside for. */
export interface EngineWorld extends PlanWorld, InstanceWriter {
  readonly newUid: () => string;
  /** The newest known state of an Instance; undefined when there is none. */
  readonly instance: (key: ObjectKey) => Instance | undefined;
  readonly operatorVersion: (
    namespace: string,
    name: string,
    scope: Scope,
  ) => Promise<OperatorVersion | undefined>;
  readonly hasOperator: (namespace: string, name: string, scope: Scope) => Promise<boolean>;
  /** Deployments, StatefulSets, ReplicaSets, DaemonSets and Pods that carry the Instance's labels. */
  readonly resourcesOf: (instance: Instance) => readonly KubeObject[];
  readonly record: (instance: Instance, event: EventText) => void;
  /** How long an unfinished plan waits for its next pass when nothing it watches changes. */
  readonly requeueMs: number;
}

const SETTLED: PassResult = { kind: 'settled' };

/**
 * One pass over one Instance: run what is scheduled as far as it goes, write what came of it, say when
 * to look again (instance_controller.go:169-277). All state is in the Instance, so a pass may be lost
 * or repeated at any point.
 */
export async function reconcileInstance(
  key: ObjectKey,
  world: EngineWorld,
  scope: Scope,
): Promise<PassResult> {
  const instance = world.instance(key);
  if (instance === undefined) return SETTLED;
  try {
    return await reconcile(instance, world, withFields(scope, { job: 'engine', instance: key }));
  } catch (thrown) {
    if (!(thrown instanceof Failure) || scope.signal.aborted) throw thrown;
    scope.log[thrown.kind === 'conflict' ? 'debug' : 'warn']('pass failed', {
      job: 'engine',
      instance: key,
      reason: thrown.message,
    });
    return { kind: 'failed', reason: thrown.message };
  }
}

async function reconcile(before: Instance, world: EngineWorld, scope: Scope): Promise<PassResult> {
  const { namespace, name } = versionReference(before);
  const operatorVersion = await world.operatorVersion(namespace, name, scope);
  if (operatorVersion === undefined) return missingOperatorVersion(before, name, world);
  const scheduled = withCleanupScheduled(before, operatorVersion, world.newUid);
  if (!planExecutionOf(scheduled).planName) return settleReadiness(before, world, scope);
  const started = startedRun(scheduled, operatorVersion, secondsText(scope.clock.now()));
  return runScheduled({ before, started, operatorVersion }, world, scope);
}

function missingOperatorVersion(instance: Instance, name: string, world: EngineWorld): PassResult {
  const key = keyOf(instance);
  const reason = `InstanceController: Error getting operatorVersion ${name} for instance ${key}: OperatorVersion.kudo.dev "${name}" not found`;
  world.record(instance, { type: 'Warning', reason: 'InvalidOperatorVersion', message: reason });
  return { kind: 'failed', reason };
}

/** No plan is scheduled: only the Ready condition is kept up to date. */
async function settleReadiness(
  before: Instance,
  world: EngineWorld,
  scope: Scope,
): Promise<PassResult> {
  const verdict = resourcesReadiness(world.resourcesOf(before));
  if (verdict.kind === 'unknown') return { kind: 'failed', reason: verdict.reason };
  const at = secondsText(scope.clock.now());
  const conditions = conditionsOf(before);
  const after = withReadiness(conditions, verdict.reason, verdict.message, at);
  if (isDeepStrictEqual(after, conditions)) return SETTLED;
  const status = { ...before.status, conditions: after };
  await writeInstance(before, { ...before, status }, world, scope);
  return SETTLED;
}

interface ScheduledRun {
  readonly before: Instance;
  readonly started: Instance;
  readonly operatorVersion: OperatorVersion;
}

async function runScheduled(
  run: ScheduledRun,
  world: EngineWorld,
  scope: Scope,
): Promise<PassResult> {
  const { before, started, operatorVersion } = run;
  const { planName = '', status: scheduled } = planExecutionOf(started);
  const status = planStatusesOf(started)[planName];
  if (status === undefined)
    return { kind: 'failed', reason: `failed to find planStatus for plan '${planName}'` };
  if (isTerminal(status.status) && scheduled === status.status) return SETTLED; // a cleanup that failed stays scheduled until a person acts
  if (status.status === 'PENDING') recordStart(started, planName, world);
  const unresolved = await unresolvedDependency(started, operatorVersion, world, scope);
  const outcome =
    unresolved === undefined
      ? await executePlan({ instance: started, operatorVersion, status }, world, scope)
      : failedPlan(status, unresolved);
  if (outcome.kind === 'unprepared') {
    await writeInstance(before, started, world, scope);
    return { kind: 'failed', reason: outcome.reason };
  }
  const at = secondsText(scope.clock.now());
  await writeInstance(before, withPlanStatus(started, outcome.status, at), world, scope);
  const isNew = planExecutionOf(before).status !== 'IN_PROGRESS';
  return afterRun(started, { ...outcome, isNew }, world);
}

function recordStart(instance: Instance, planName: string, world: EngineWorld): void {
  const message = `Execution of plan ${planName} started`;
  world.record(instance, { type: 'Normal', reason: 'PlanStarted', message });
}

function failedPlan(
  status: PlanStatus,
  failure: PlanFailure,
): { kind: 'ran'; status: PlanStatus; failure: PlanFailure } {
  return {
    kind: 'ran',
    status: { ...status, status: 'FATAL_ERROR', message: failure.message },
    failure,
  };
}

interface EndedPass {
  readonly status: PlanStatus;
  readonly failure?: PlanFailure | undefined;
  /** The first pass of a run: much of what is waited for is there in an instant. */
  readonly isNew: boolean;
}

function afterRun(
  instance: Instance,
  { status, failure, isNew }: EndedPass,
  world: EngineWorld,
): PassResult {
  if (failure !== undefined) {
    const { event, message } = failure;
    world.record(instance, { type: 'Warning', reason: event, message });
  } else if (isTerminal(status.status)) {
    const message = `Execution of plan ${status.name} finished with status ${status.status}`;
    world.record(instance, { type: 'Normal', reason: 'PlanFinished', message });
  }
  if (isTerminal(status.status)) return { kind: 'again', afterMs: 0 };
  return { kind: 'again', afterMs: isNew ? world.requeueMs / 10 : world.requeueMs };
}

/** Only a top-level Instance checks its dependencies; its children rely on it (instance_controller.go:325-337). */
async function unresolvedDependency(
  instance: Instance,
  operatorVersion: OperatorVersion,
  world: EngineWorld,
  scope: Scope,
): Promise<PlanFailure | undefined> {
  const owners = instance.metadata.ownerReferences ?? [];
  if (owners.some(({ kind }) => kind === 'Instance')) return undefined;
  const namespace = operatorVersion.metadata.namespace ?? '';
  const installed: InstalledOperators = {
    operatorVersion: async (name) => world.operatorVersion(namespace, name, scope),
    hasOperator: async (name) => world.hasOperator(namespace, name, scope),
  };
  const problem = await dependencyProblem(operatorVersion, installed);
  if (problem === undefined) return undefined;
  return {
    event: 'CircularDependency',
    message: `Error during execution: fatal error: ${problem}`,
  };
}
