import type { CommitState } from './commit-status.ts';
import type { KubeObject } from './kube-object.ts';

/** How far one change is. `succeeded`, `failed`, `held`, `restarted` and `moved` are final in their Rollout. */
export type ChangeState =
  | 'planned' // known, not sent yet
  | 'waiting' // cannot be sent now; `message` says for what it waits
  | 'sending' // recorded as intent; the write may or may not have happened
  | 'running' // admitted; its plan `planUid` runs
  | 'succeeded'
  | 'failed'
  | 'held' // follows a failed change of the same Instance, or of one that this depends on
  | 'restarted' // a newer change restarted its plan; `message` names the new run
  | 'moved'; // a newer Rollout took it over

/** What a change does; `run-plan` is the copy of a PlanRun. */
export type ChangeKind =
  | 'create'
  | 'upgrade'
  | 'set-parameters'
  | 'abandon'
  | 'run-plan'
  | 'adopt'
  | 'annotate'
  | 'release'
  | 'delete';

/** One change of one Instance as its Rollout records it, under key `<namespace>/<name>/<n>`. */
export interface ChangeRecord {
  readonly kind: ChangeKind;
  /** The plan that KUDO runs for it; `-` for none. */
  readonly plan: string;
  readonly attempt: number;
  readonly state: ChangeState;
  /** What it does, for people, e.g. `NODE_COUNT 3 → 5`; secret values masked. */
  readonly summary?: string | undefined;
  /** ≤ 512 bytes. */
  readonly message?: string | undefined;
  readonly instanceUid?: string | undefined;
  readonly planUid?: string | undefined;
  /** uid of the plan's last run before the write. */
  readonly uidBefore?: string | undefined;
  /** First word of the change token when it was written for another Rollout (a moved change). */
  readonly token?: string | undefined;
  /** Name of the PlanRun, of which the record is a copy: the PlanRun itself remembers. */
  readonly run?: string | undefined;
  /** Hash of what Git said of the Instance, to tell later whether a commit touched it. */
  readonly desiredHash?: string | undefined;
  /** How often its failed plan was run again by `retry` of the Sync. */
  readonly retries?: number | undefined;
  /** uid of a later plan run that did what this one failed to do. */
  readonly redoneBy?: string | undefined;
  /** Commit whose change failed first, when a later commit inherited the failure. */
  readonly since?: string | undefined;
  /**
   * Why it failed or is held: the plan, a plan without end, a refusal of KUDO, a problem known before any
   * write, or an Instance that this one depends on.
   */
  readonly cause?: 'plan' | 'timeout' | 'denied' | 'problem' | 'dependency' | undefined;
  /** `update 2/3 phases, step brokers` while it runs; afterwards every phase with its steps. */
  readonly progress?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
}

export type ChangeRecords = Readonly<Record<string, ChangeRecord>>;

/** One commit status on its way to the forge. */
export interface OutboxEntry {
  readonly commit: string;
  readonly context: string;
  readonly state: CommitState;
  readonly description: string;
  readonly url?: string | undefined;
  readonly sent: boolean;
}

export type Verdict = 'succeeded' | 'failed' | 'superseded';
/** How a Rollout stands: under way, or at its verdict. */
export type RolloutPhase = 'progressing' | Verdict;

/** True once a Rollout has its verdict; one that nobody has begun has no phase. */
export function isVerdict(phase: RolloutPhase | undefined): phase is Verdict {
  return phase !== undefined && phase !== 'progressing';
}

/** Which revision is carried out, on whose behalf; never changed. */
export interface RolloutSpec {
  /** Name of the Sync, in the same namespace. */
  readonly sync: string;
  /** `branch@sha1:<40 hex>`. */
  readonly revision: string;
  readonly attempt: number;
  /** Counts the Rollouts of a Sync from 1, so that their order does not depend on clocks. */
  readonly sequence: number;
  /** Hash of what of the Sync's spec decides what is desired; another one opens another attempt. */
  readonly settingsHash?: string | undefined;
  readonly author: string;
  readonly subject: string;
  readonly committedAt: string;
  readonly previousRevision?: string | undefined;
  /** Value of the Sync's annotation `gitops.kudo.dev/retry` that asked for this attempt. */
  readonly retry?: string | undefined;
}

/** Its changes, without those that others took the place of. */
export interface RolloutCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly running: number;
}

/** How far it is, and what is still to be told. */
export interface RolloutStatus {
  readonly phase?: RolloutPhase | undefined;
  /** One sentence: how far it is, or how it ended. */
  readonly message?: string | undefined;
  readonly counts?: RolloutCounts | undefined;
  /** At most 200; further ones in RolloutPart objects. */
  readonly changes?: ChangeRecords | undefined;
  /** How many RolloutPart objects belong to it. */
  readonly parts?: number | undefined;
  /** Problems of the revision's files: `file:line:column: text`, bounded. */
  readonly problems?: readonly string[] | undefined;
  /** What else people should know, e.g. Instances removed from Git but not deleted. */
  readonly notes?: readonly string[] | undefined;
  readonly outbox?: readonly OutboxEntry[] | undefined;
  /** True when the Git note of its commit tells how it ended. */
  readonly noted?: boolean | undefined;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
}

/** `gitops.kudo.dev/v1alpha1 Rollout`: audit record, crash recovery and status outbox of one revision. */
export interface Rollout extends KubeObject {
  readonly spec: RolloutSpec;
  readonly status?: RolloutStatus | undefined;
}

/** Up to 200 more changes of a Rollout; named `<rollout>-p<index>`, index from 1. */
export interface RolloutPart extends KubeObject {
  readonly spec: { readonly rollout: string; readonly index: number };
  readonly status?: { readonly changes?: ChangeRecords | undefined } | undefined;
}

/** Changes that one object may hold (measured: larger statuses cost the API server over a second each). */
export const CHANGES_PER_OBJECT = 200;

/** `<sync>-<sha10>-<attempt>`. */
export function rolloutName(sync: string, oid: string, attempt: number): string {
  return `${sync}-${oid.slice(0, 10)}-${String(attempt)}`;
}
