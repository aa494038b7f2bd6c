import type { ObjectKey } from './kube-object.ts';
import type { KubeObject } from './kube-object.ts';
import type { PlanRunSpec } from './plan-run.ts';
import type { PlanScheduleSpec } from './plan-schedule.ts';
import type { Problem } from './problem.ts';

/** A place in a file of the repository. Line and column count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What Git says of one Instance; parameter values are encoded as KUDO stores them. */
export interface DesiredInstance {
  readonly key: ObjectKey;
  readonly namespace: string;
  readonly name: string;
  readonly operatorVersion: { readonly name: string; readonly namespace?: string | undefined };
  readonly parameters: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Where the Instance, its operatorVersion and each parameter are written. */
  readonly position: SourcePosition;
  readonly operatorVersionPosition: SourcePosition;
  readonly parameterPositions: Readonly<Record<string, SourcePosition>>;
  /** Instances whose plans must have ended well before this one is changed. */
  readonly dependsOn?: readonly ObjectKey[] | undefined;
  /** Where our own annotations are written. */
  readonly annotationPositions?: Readonly<Record<string, SourcePosition>> | undefined;
}

/** A package, as the objects that are made from it name it in their annotations. */
export interface MadeFrom {
  /** sha256 over its files and the versions of what it depends on. */
  readonly packageHash: string;
  /** `git-tree:<hash>` of its folder, or where it was loaded from and by which digest. */
  readonly source?: string | undefined;
  /** True when a Package named it. */
  readonly isPinned?: boolean | undefined;
}

/** An Operator or OperatorVersion that Git wants in the cluster. */
export interface DesiredObject<T extends KubeObject> {
  readonly key: ObjectKey;
  readonly object: T;
  readonly position: SourcePosition;
  /** sha256 over the object's canonical JSON; stored as an annotation. */
  readonly contentHash: string;
  /** What it was made from, when that was a package. */
  readonly madeFrom?: MadeFrom | undefined;
}

/** A PlanRun or PlanSchedule that Git wants in the cluster. */
export interface DesiredPlan<Spec extends { readonly instance: string; readonly plan: string }> {
  readonly key: ObjectKey;
  readonly namespace: string;
  readonly name: string;
  readonly spec: Spec;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly position: SourcePosition;
  /** Where the Instance and the plan are named. */
  readonly instancePosition: SourcePosition;
  readonly planPosition: SourcePosition;
}
export type DesiredPlanRun = DesiredPlan<PlanRunSpec>;
export type DesiredPlanSchedule = DesiredPlan<PlanScheduleSpec>;

/** A PlanRun with a mistake, and the Instance that it names. */
export interface RefusedRun {
  readonly key: ObjectKey;
  readonly instance: ObjectKey;
}

/** Everything that the files of one revision say. */
export interface DesiredState<Operator extends KubeObject, OperatorVersion extends KubeObject> {
  readonly operators: ReadonlyMap<ObjectKey, DesiredObject<Operator>>;
  readonly operatorVersions: ReadonlyMap<ObjectKey, DesiredObject<OperatorVersion>>;
  readonly instances: ReadonlyMap<ObjectKey, DesiredInstance>;
  readonly planRuns: ReadonlyMap<ObjectKey, DesiredPlanRun>;
  readonly planSchedules: ReadonlyMap<ObjectKey, DesiredPlanSchedule>;
  /** PlanRuns that are none of `planRuns`, since something is wrong with them, and are to come before changes. */
  readonly refusedRuns?: readonly RefusedRun[] | undefined;
  readonly problems: readonly Problem[];
  /** True when some file could not be read whole: then nothing may be taken as removed. */
  readonly incomplete: boolean;
  /** True when Git may name the Instance although it is none of `instances`: something is wrong with what does. */
  mayHave(instance: ObjectKey): boolean;
}
