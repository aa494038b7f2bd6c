import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import type { InstancePlan } from '../model/change.ts';
import type { ChangeRecord } from '../model/rollout.ts';

/** One change of an Instance with its number, which is never given to another change that was sent. */
export interface NumberedRecord {
  readonly n: number;
  readonly record: ChangeRecord;
}

/** What keeps an Instance from being changed before another one. */
export interface DependencyObstacle {
  /** `stops` until somebody does something about the other one, `waits` for what is under way. */
  readonly kind: 'waits' | 'stops';
  /** `waits for zookeeper, whose plan deploy failed`. */
  readonly message: string;
  /** When it may be over without any news of the Instances that are watched. */
  readonly lookAgainMs?: number | undefined;
}

/** All that decides what happens next to one Instance in one Rollout. */
export interface InstanceSituation {
  /** What still differs between Git and the cluster. */
  readonly plan: InstancePlan;
  readonly observed: Instance | undefined;
  /** Descendants by ownerReferences, whose failures KUDO does not report on their parent. */
  readonly children: readonly Instance[];
  /** The same of the descendant that changed last; 0 when unknown. */
  readonly childrenQuietMs?: number;
  /** The OperatorVersion that the Instance has now; without it no plan counts as another one's work. */
  readonly version?: OperatorVersion | undefined;
  /** The Instance's records in this Rollout, by number. */
  readonly records: readonly NumberedRecord[];
  readonly rolloutUid: string;
  /** What Git says of the Instance, as a hash; a failure of the same hash holds what follows it. */
  readonly desiredHash: string;
  /** Milliseconds since the cluster last said anything new about the Instance. */
  readonly quietMs: number;
  /** The last plan run seen on the Instance, whoever started it. */
  readonly lastRun: { readonly plan: string; readonly uid: string } | undefined;
  /** What keeps changes that were not sent yet from being sent before those of another Instance. */
  readonly dependency?: DependencyObstacle | undefined;
  /** Why its OperatorVersion is not replaced yet, which comes before everything but a cure. */
  readonly versionWait?: string | undefined;
  /** How long a plan may run before it counts as failed; undefined: for ever. */
  readonly planTimeout?: { readonly ms: number; readonly text: string } | undefined;
  /** What KUDO makes of the Instance's finalizer; absent when nobody deletes it. */
  readonly cleanup?: 'runs' | 'no-plan' | 'no-version';
  /** Values that no record may quote. */
  readonly secrets: readonly string[];
  /** ISO 8601. */
  readonly now: string;
}

/**
 * How long KUDO may show a finished plan beside an old result before its final status counts as lost
 * (design.md §4: 30 s of silence).
 */
export const SILENCE_MS = 30_000;

/** When the silence that settles what KUDO lost will have lasted long enough. */
export function untilSilence({ quietMs }: Pick<InstanceSituation, 'quietMs'>): number {
  return Math.max(SILENCE_MS - quietMs, 1_000);
}
