import { KubeError } from '../cluster/kube-client.ts';
import { pathOf, PLAN_RUNS, PLAN_SCHEDULES } from '../cluster/resources.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { API_VERSION, FIELD_MANAGER } from '../model/names.ts';
import type { PlanRun } from '../model/plan-run.ts';
import {
  PlanScheduleSpec,
  type PlanSchedule,
  type PlanScheduleStatus,
} from '../model/plan-schedule.ts';
import { scheduleStep } from '../plan/schedule-step.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { isOfSuspended } from './suspended-sync.ts';

/** Passes over PlanSchedules: make the PlanRun that is due, drop those beyond the history, say how it is. */
export class ScheduleReconciler {
  readonly #context: ReconcileContext;

  constructor(context: ReconcileContext) {
    this.#context = context;
  }

  async pass(key: ObjectKey, scope: Scope): Promise<PassResult> {
    const { caches } = this.#context.view;
    const schedule = caches.planSchedules.get(key);
    if (!schedule || schedule.metadata.deletionTimestamp !== undefined) return { kind: 'settled' };
    try {
      const afterMs = await this.#advance(schedule, scope);
      return afterMs === undefined ? { kind: 'settled' } : { kind: 'again', afterMs };
    } catch (thrown) {
      scope.signal.throwIfAborted();
      if (!(thrown instanceof Failure)) throw thrown;
      return { kind: 'failed', reason: thrown.message };
    }
  }

  async #advance(schedule: PlanSchedule, scope: Scope): Promise<number | undefined> {
    const { data: spec, error } = PlanScheduleSpec.safeParse(schedule.spec);
    if (!spec) {
      const message = error.issues[0]?.message;
      await this.#say(schedule, { ...schedule.status, message }, scope);
      return undefined;
    }
    const { planRuns, syncs } = this.#context.view.caches;
    const runs = planRuns.indexed('owner', schedule.metadata.uid ?? '');
    const suspend = spec.suspend || isOfSuspended(schedule, syncs);
    const nowMs = scope.clock.now();
    const step = scheduleStep({ schedule, spec: { ...spec, suspend }, runs, nowMs });
    if (step.create !== undefined) await this.#make(step.create, schedule, spec, scope);
    await this.#say(schedule, step.status, scope);
    for (const run of step.remove) await this.#remove(run, scope);
    return step.lookAgainMs;
  }

  async #make(
    name: string,
    schedule: PlanSchedule,
    { instance, plan }: PlanScheduleSpec,
    scope: Scope,
  ): Promise<void> {
    const { namespace, name: owner, uid = '' } = schedule.metadata;
    const reference = { apiVersion: API_VERSION, kind: 'PlanSchedule', name: owner, uid };
    const body = {
      apiVersion: API_VERSION,
      kind: 'PlanRun',
      metadata: { name, namespace, ownerReferences: [{ ...reference, controller: true }] },
      spec: { instance, plan },
    };
    const { client, view } = this.#context;
    const options = { fieldManager: FIELD_MANAGER };
    try {
      const path = { ...PLAN_RUNS, namespace };
      view.caches.planRuns.update(await client.create<PlanRun>(path, body, options, scope));
      scope.log.info('plan run made', { planSchedule: keyOf(schedule), planRun: name });
    } catch (thrown) {
      // Made before, by a service that was killed before it said so.
      if (!(thrown instanceof KubeError) || thrown.code !== 409) throw thrown;
    }
  }

  async #say(schedule: PlanSchedule, status: PlanScheduleStatus, scope: Scope): Promise<void> {
    if (JSON.stringify(full(schedule.status ?? {})) === JSON.stringify(full(status))) return;
    const path = { ...pathOf(PLAN_SCHEDULES, keyOf(schedule)), subresource: 'status' };
    const { uid, resourceVersion } = schedule.metadata;
    const body = { metadata: { uid, resourceVersion }, status: full(status) };
    const patch = { type: 'merge', body, fieldManager: FIELD_MANAGER } as const;
    const { client, view } = this.#context;
    view.caches.planSchedules.update(await client.patch<PlanSchedule>(path, patch, scope));
  }

  async #remove(run: PlanRun, scope: Scope): Promise<void> {
    const { uid, resourceVersion } = run.metadata;
    try {
      const path = pathOf(PLAN_RUNS, keyOf(run));
      await this.#context.client.delete(path, { uid, resourceVersion }, scope);
    } catch (thrown) {
      const code = thrown instanceof KubeError ? thrown.code : 0;
      if (code !== 404 && code !== 409) throw thrown;
    }
  }
}

/** Every field, so that a merge patch takes away what is absent. */
function full(status: PlanScheduleStatus): Record<keyof PlanScheduleStatus, unknown> {
  const { lastScheduleTime, lastSuccessfulTime, nextScheduleTime, active, message } = status;
  return {
    lastScheduleTime: lastScheduleTime ?? null,
    lastSuccessfulTime: lastSuccessfulTime ?? null,
    nextScheduleTime: nextScheduleTime ?? null,
    active: active ?? null,
    message: message ?? null,
  };
}
