import type { Condition, KubeObject } from '../model/kube-object.ts';

/** `spec.operatorVersion` of an Instance (an ObjectReference; only name and namespace matter to KUDO). */
export interface OperatorVersionReference {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly kind?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly fieldPath?: string | undefined;
}

/** The plan scheduled or running now; all empty when idle (instance_types.go). */
export interface PlanExecution {
  readonly planName?: string | undefined;
  readonly uid?: string | undefined;
  readonly status?: ExecutionStatus | '' | undefined;
}

/** KUDO's ExecutionStatus (instance_types.go:168-185). */
export type ExecutionStatus =
  'NEVER_RUN' | 'PENDING' | 'IN_PROGRESS' | 'ERROR' | 'COMPLETE' | 'FATAL_ERROR';

export interface StepStatus {
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly message?: string | undefined;
}

export interface PhaseStatus {
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly message?: string | undefined;
  readonly steps?: readonly StepStatus[] | undefined;
}

/** `status.planStatus[plan]`: the last run of one plan. */
export interface PlanStatus {
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly message?: string | undefined;
  readonly lastUpdatedTimestamp?: string | null | undefined;
  readonly uid?: string | undefined;
  readonly phases?: readonly PhaseStatus[] | undefined;
}

export interface InstanceSpec {
  readonly operatorVersion?: OperatorVersionReference | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly planExecution?: PlanExecution | undefined;
}

export interface InstanceStatus {
  readonly planStatus?: Readonly<Record<string, PlanStatus>> | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}

/** `kudo.dev/v1beta1 Instance` as the API server holds it. */
export interface Instance extends KubeObject {
  readonly spec?: InstanceSpec | undefined;
  readonly status?: InstanceStatus | undefined;
}

/** KUDO's parameter types; an empty or absent type means "no value validation". */
export type ParameterType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'map';

export interface Parameter {
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly required?: boolean | null | undefined;
  readonly default?: string | null | undefined;
  readonly trigger?: string | undefined;
  readonly 'value-type'?: ParameterType | '' | undefined;
  readonly immutable?: boolean | null | undefined;
  readonly enum?: readonly string[] | null | undefined;
}

/** A parameter as KUDO stores it: one that its package does not name has no `name`. */
export type StoredParameter = Omit<Parameter, 'name'> & { readonly name?: string | undefined };

export interface Step {
  readonly name: string;
  readonly tasks?: readonly string[] | null | undefined;
}

export interface Phase {
  readonly name: string;
  readonly strategy?: string | undefined;
  readonly steps?: readonly Step[] | null | undefined;
}

export interface Plan {
  readonly strategy?: string | undefined;
  readonly phases?: readonly Phase[] | null | undefined;
}

/** All kinds' fields in one flat object, as in the CRD (operatorversion_types.go:128-134). */
export interface TaskSpec {
  readonly resources?: readonly string[] | null | undefined;
  readonly wantErr?: boolean | undefined;
  readonly fatal?: boolean | undefined;
  readonly done?: boolean | undefined;
  readonly pod?: string | undefined;
  readonly pipe?: readonly Readonly<Record<string, string>>[] | null | undefined;
  readonly parameter?: string | undefined;
  readonly package?: string | undefined;
  readonly instanceName?: string | undefined;
  readonly appVersion?: string | undefined;
  readonly operatorVersion?: string | undefined;
  readonly parameterFile?: string | undefined;
}

export interface Task {
  readonly name: string;
  readonly kind: string;
  readonly spec: TaskSpec;
}

export interface OperatorVersionSpec {
  readonly operator?:
    { readonly name?: string | undefined; readonly kind?: string | undefined } | undefined;
  readonly version?: string | undefined;
  readonly appVersion?: string | undefined;
  readonly templates?: Readonly<Record<string, string>> | null | undefined;
  readonly tasks?: readonly Task[] | null | undefined;
  /** Read them with `parametersOf`. */
  readonly parameters?: readonly StoredParameter[] | null | undefined;
  readonly plans?: Readonly<Record<string, Plan | null>> | null | undefined;
}

/** `kudo.dev/v1beta1 OperatorVersion`. */
export interface OperatorVersion extends KubeObject {
  readonly spec?: OperatorVersionSpec | undefined;
}

export interface OperatorSpec {
  readonly description?: string | undefined;
  readonly url?: string | undefined;
  readonly kudoVersion?: string | undefined;
  readonly kubernetesVersion?: string | undefined;
  readonly maintainers?:
    readonly { readonly name?: string; readonly email?: string }[] | null | undefined;
  readonly namespaceManifest?: string | undefined;
}

/** `kudo.dev/v1beta1 Operator`. */
export interface Operator extends KubeObject {
  readonly spec?: OperatorSpec | undefined;
}

export const KUDO_API_VERSION = 'kudo.dev/v1beta1';
export const CLEANUP_FINALIZER = 'kudo.dev.instance.cleanup';
