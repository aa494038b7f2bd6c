import type { Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { ownerUid } from '../model/owner-uid.ts';
import type { PlanRun } from '../model/plan-run.ts';
import { isSuspended, type Sync } from '../model/sync.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { runGate } from './run-gate.ts';
import { RunReconciler } from './run-reconciler.ts';
import { ScheduleReconciler } from './schedule-reconciler.ts';
import type { SyncJob } from './sync-job.ts';

/** `runs` keys are Instances, `schedule` keys PlanSchedules. */
export type PlanWorkKey = `${'runs' | 'schedule'}:${ObjectKey}`;

/** What asks for looks at PlanRuns, PlanSchedules and the Syncs that wait for them. */
export interface PlanWorkAsker {
  readonly add: (key: PlanWorkKey | `sync:${ObjectKey}`) => void;
  readonly jobOf: (sync: ObjectKey) => SyncJob | undefined;
}

/** PlanRuns and PlanSchedules: which of them need a look, and the passes over them. */
export class PlanWork {
  readonly #context: ReconcileContext;
  readonly #asker: PlanWorkAsker;
  readonly #runs: RunReconciler;
  readonly #schedules: ScheduleReconciler;
  /** uids of Syncs that were seen suspended. */
  readonly #suspended = new Set<string>();

  constructor(context: ReconcileContext, asker: PlanWorkAsker) {
    this.#context = context;
    this.#asker = asker;
    this.#runs = new RunReconciler(context, runGate(context.view.caches, asker.jobOf));
    this.#schedules = new ScheduleReconciler(context);
  }

  async pass(key: PlanWorkKey, scope: Scope): Promise<PassResult> {
    const object = key.slice(key.indexOf(':') + 1) as ObjectKey;
    if (key.startsWith('runs:')) return this.#runs.pass(object, scope);
    return this.#schedules.pass(object, scope);
  }

  /** Looks at everything once, and from then on at what changes. */
  watch(): void {
    const { caches } = this.#context.view;
    caches.planSchedules.onChange((key) => {
      this.#asker.add(`schedule:${key}`);
    });
    caches.planRuns.onChange((_key, run) => {
      if (run) this.#changed(run);
    });
    caches.instances.onChange((key, instance) => {
      const top = instance ? this.#context.view.topOwner(instance) : key;
      for (const one of new Set([key, top])) this.#lookAtRunsOf(one);
    });
    caches.syncs.onChange((_key, sync) => {
      if (sync && this.#hasFlipped(sync)) this.#lookAtSchedulesOf(sync);
    });
    for (const sync of caches.syncs.list()) this.#hasFlipped(sync);
    for (const schedule of caches.planSchedules.list()) {
      this.#asker.add(`schedule:${keyOf(schedule)}`);
    }
    this.lookAtOpenRuns();
  }

  /** True when the Sync was suspended or resumed since it was last asked. */
  #hasFlipped(sync: Sync): boolean {
    const { uid = '' } = sync.metadata;
    const was = this.#suspended.has(uid);
    if (isSuspended(sync)) this.#suspended.add(uid);
    else this.#suspended.delete(uid);
    return was !== isSuspended(sync);
  }

  #lookAtSchedulesOf({ metadata }: Sync): void {
    for (const schedule of this.#context.view.caches.planSchedules.list()) {
      if (ownerUid(schedule) === metadata.uid) this.#asker.add(`schedule:${keyOf(schedule)}`);
    }
  }

  /** What they wait for may be over. */
  lookAtOpenRuns(): void {
    for (const run of this.#context.view.caches.planRuns.indexed('open', 'yes')) {
      this.#asker.add(`runs:${instanceKey(run)}`);
    }
  }

  #lookAtRunsOf(instance: ObjectKey): void {
    const runs = this.#context.view.caches.planRuns.indexed('instance', instance);
    if (runs.length > 0) this.#asker.add(`runs:${instance}`);
  }

  #changed(run: PlanRun): void {
    const { namespace = '', annotations, ownerReferences = [] } = run.metadata;
    this.#asker.add(`runs:${instanceKey(run)}`);
    for (const { kind, name } of ownerReferences) {
      if (kind === 'PlanSchedule') this.#asker.add(`schedule:${namespace}/${name}`);
    }
    const owner = annotations?.[ANNOTATION.owner];
    const { syncs } = this.#context.view.caches;
    const sync = syncs.list().find(({ metadata }) => owner?.startsWith(`${metadata.uid ?? ''}:`));
    if (sync) this.#asker.add(`sync:${keyOf(sync)}`);
  }
}

const instanceKey = ({ metadata, spec }: PlanRun): ObjectKey =>
  `${metadata.namespace ?? ''}/${spec.instance}`;
