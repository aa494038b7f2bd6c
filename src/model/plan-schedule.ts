import * as z from 'zod';
import type { KubeObject } from './kube-object.ts';

/** A year. */
export const MAX_DEADLINE_S = 366 * 24 * 3_600;

/** The longest cron expression that is read. */
export const MAX_CRON_LENGTH = 200;

/** What a PlanSchedule says: run one plan of one Instance again and again, as a CronJob runs a Job. */
export const PlanScheduleSpec = z.strictObject({
  /** Name of the Instance, in the same namespace. */
  instance: z.string().min(1).max(253),
  plan: z.string().min(1).max(253),
  /** Five cron fields, or a nickname such as `@daily`. */
  schedule: z.string().min(1).max(MAX_CRON_LENGTH),
  /** IANA name of the zone whose clocks the fields mean. */
  timeZone: z.string().min(1).max(100).default('UTC'),
  suspend: z.boolean().default(false),
  /** What a due run does while an earlier one has not ended: wait for its turn, or be left out. */
  concurrencyPolicy: z.enum(['Allow', 'Forbid']).default('Allow'),
  /** How late a run may be made; without it, however late. */
  startingDeadlineSeconds: z.int().min(1).max(MAX_DEADLINE_S).optional(),
  successfulRunsHistoryLimit: z.int().min(0).max(1000).default(3),
  failedRunsHistoryLimit: z.int().min(0).max(1000).default(1),
});
export type PlanScheduleSpec = z.infer<typeof PlanScheduleSpec>;

/** What came of a PlanSchedule so far. */
export interface PlanScheduleStatus {
  /** The last scheduled time that was dealt with. */
  readonly lastScheduleTime?: string | undefined;
  /** When the last run ended that succeeded. */
  readonly lastSuccessfulTime?: string | undefined;
  /** When it is due next; absent while it is suspended. */
  readonly nextScheduleTime?: string | undefined;
  /** Names of its PlanRuns that have not ended. */
  readonly active?: readonly string[] | undefined;
  /** What was left out last and why, or what is wrong with the spec. */
  readonly message?: string | undefined;
}

/** `gitops.kudo.dev/v1alpha1 PlanSchedule` as the API server holds it; `spec` is checked with {@link PlanScheduleSpec}. */
export interface PlanSchedule extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: PlanScheduleStatus | undefined;
}
