import * as z from 'zod';
import type { KubeObject } from './kube-object.ts';

/** What a PlanRun says: run one plan of one Instance, once. */
export const PlanRunSpec = z.strictObject({
  /** Name of the Instance, in the same namespace. */
  instance: z.string().min(1).max(253),
  plan: z.string().min(1).max(253),
  /** Whether it comes before or after the other changes of the commit that brings it. */
  when: z.enum(['before', 'after']).default('after'),
  /** What becomes of it when it is in Git already as a Sync begins. */
  onFirstSync: z.enum(['skip', 'run']).default('skip'),
});
export type PlanRunSpec = z.infer<typeof PlanRunSpec>;

/** How far a PlanRun is. `succeeded`, `failed` and `skipped` are final. */
export type PlanRunState =
  | 'waiting' // not sent yet; `message` says for what it waits
  | 'held' // waits for something that failed
  | 'sending' // recorded as intent; the write may or may not have happened
  | 'running' // admitted; its plan `planUid` runs
  | 'succeeded'
  | 'failed'
  | 'skipped'; // never sent, and never will be

/** The only memory of whether the plan ran. */
export interface PlanRunStatus {
  readonly state?: PlanRunState | undefined;
  /** Which try this is, from 1. */
  readonly attempt?: number | undefined;
  /** Why it failed although its plan goes on: it takes longer than `planTimeout` of the Sync. */
  readonly cause?: 'timeout' | undefined;
  /** ≤ 512 bytes. */
  readonly message?: string | undefined;
  /** Phases and steps: while it runs the current ones, afterwards all. */
  readonly progress?: string | undefined;
  /** The plan that was asked for. */
  readonly plan?: string | undefined;
  readonly instanceUid?: string | undefined;
  readonly planUid?: string | undefined;
  /** uid of the plan's last run before the write. */
  readonly uidBefore?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
}

/** `gitops.kudo.dev/v1alpha1 PlanRun`. */
export interface PlanRun extends KubeObject {
  readonly spec: {
    readonly instance: string;
    readonly plan: string;
    readonly when?: 'before' | 'after' | undefined;
    readonly onFirstSync?: 'skip' | 'run' | undefined;
  };
  readonly status?: PlanRunStatus | undefined;
}

/** The state of a PlanRun; one that nobody has looked at yet waits. */
export function stateOf({ status }: PlanRun): PlanRunState {
  return status?.state ?? 'waiting';
}

/** True when nothing more will happen to it. */
export function hasEnded(run: PlanRun): boolean {
  const state = stateOf(run);
  return state === 'succeeded' || state === 'failed' || state === 'skipped';
}

/** True when it was reported as failed and its plan, which takes too long, was left running. */
export function isLeftRunning({ status }: PlanRun): boolean {
  return status?.state === 'failed' && status.cause === 'timeout';
}
