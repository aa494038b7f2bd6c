import * as z from 'zod';
import { DRIFT_POLICIES } from './drift-policy.ts';
import { DURATION_PATTERN } from './duration.ts';
import { FORGE_TYPES } from './forge-type.ts';
import { GitRef } from './git-ref.ts';
import type { Condition, KubeObject } from './kube-object.ts';

const Duration = z
  .string()
  .regex(new RegExp(DURATION_PATTERN), 'write a duration such as 30s, 5m or 1h');
const SecretRef = z.strictObject({ name: z.string().min(1) });

/** What a Sync says: a Git repository, a ref of it, one or more paths → this cluster. */
export const SyncSpec = z.strictObject({
  /** http, https or ssh, without credentials in it. */
  url: z
    .string()
    .regex(
      /^(https?:\/\/|ssh:\/\/([A-Za-z0-9._-]+@)?)[^\s@]+$/,
      'write an http, https or ssh URL without credentials in it, such as ssh://git@git.example.org/team/fleet.git; credentials go into a Secret named by secretRef',
    ),
  ref: GitRef,
  /** Folders (or files) in the repository; later ones are layers over earlier ones. */
  paths: z.array(z.string()).min(1).max(32).default(['.']),
  /** How often the repository is asked for news. */
  interval: Duration.default('1m'),
  /** How long one look at the repository may take. */
  timeout: Duration.default('5m'),
  /** Secret with `username` and `password`, or `bearerToken`, and `ca.crt`; for ssh `identity` and `known_hosts`. */
  secretRef: SecretRef.optional(),
  /** Secret with `address`, and `username` and `password` if the proxy wants them. */
  proxySecretRef: SecretRef.optional(),
  /** Namespace of Instances and packages that name none; the Sync's own when absent. */
  targetNamespace: z.string().min(1).optional(),
  /** Whether an Instance that this Sync made is deleted when Git no longer has it. */
  prune: z.boolean().default(false),
  /** Largest share of its Instances, in percent, that one revision may delete without being asked; three always. */
  pruneLimit: z.int().min(0).max(100).default(20),
  /** What happens to values that others changed in the cluster. */
  driftPolicy: z.enum(DRIFT_POLICIES).default('correct'),
  suspend: z.boolean().default(false),
  /** Whether an OperatorVersion whose content changed under its name is replaced, and its Instances upgraded. */
  replaceOperatorVersions: z.boolean().default(false),
  forge: z
    .strictObject({
      /** Told by the host of `url` when absent, where that is well known. */
      type: z.enum(FORGE_TYPES).optional(),
      /** Base URL of the API; derived from `url` when absent. */
      apiUrl: z
        .string()
        .regex(/^https?:\/\/[^\s@]+$/)
        .optional(),
      /** Secret with `token`, or a GitHub App's keys, and `webhookSecret` when the forge sends webhooks. */
      secretRef: SecretRef,
      /** Up to so many changed Instances of a commit get a status each beside that of the Sync. */
      instanceStatuses: z.int().min(0).max(20).default(5),
    })
    .optional(),
  previews: z.strictObject({ enabled: z.boolean().default(true) }).default({ enabled: true }),
  /** How many Instances may have a plan under way at once. */
  maxConcurrent: z.int().min(1).max(1000).default(100),
  /** How long a plan may run before it is reported; it is left running. */
  planTimeout: Duration.default('2h'),
  /** Runs failed plans again without a commit; absent: only a person or a commit does. */
  retry: z
    .strictObject({
      /** How often one failed plan is run again. */
      limit: z.int().min(1).max(20),
      /** Pause before the first time; doubled each time, at most an hour. */
      backoff: Duration.default('30s'),
    })
    .optional(),
  /** Whether every finished Rollout is recorded in Git notes of the repository. */
  notes: z.boolean().default(false),
  /** How many finished Rollouts are kept. */
  historyLimit: z.int().min(1).max(1000).default(50),
});
export type SyncSpec = z.infer<typeof SyncSpec>;

/** What the service found and did. */
export interface SyncStatus {
  readonly observedGeneration?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly lastAttemptedRevision?: string | undefined;
  readonly lastAppliedRevision?: string | undefined;
  /** The newest commit up to which every commit has its answer. */
  readonly answeredRevision?: string | undefined;
  readonly lastHandledReconcileAt?: string | undefined;
  /** Value of annotation `gitops.kudo.dev/retry` that was last acted on. */
  readonly lastHandledRetry?: string | undefined;
  readonly instances?: InstanceCounts | undefined;
  /** What was last said on each open pull request. */
  readonly previews?: readonly PreviewRecord[] | undefined;
}

/** Instances of the newest commit. */
export interface InstanceCounts {
  readonly total: number;
  readonly ready: number;
  readonly failed: number;
  readonly running: number;
}

/** What was last said on one pull request. */
export interface PreviewRecord {
  readonly number: number;
  readonly headSha: string;
  /** Hash of what the comment says. */
  readonly digest: string;
}

/** `gitops.kudo.dev/v1alpha1 Sync` as the API server holds it; `spec` is checked with {@link SyncSpec}. */
export interface Sync extends KubeObject {
  readonly spec: unknown;
  readonly status?: SyncStatus | undefined;
}

/** True when `spec.suspend` says so; the spec may be one that cannot be used otherwise. */
export function isSuspended({ spec }: Sync): boolean {
  return Object(spec)['suspend'] === true;
}
