import type {
  Instance,
  InstanceSpec,
  InstanceStatus,
  OperatorVersionReference,
  PhaseStatus,
  PlanExecution,
  PlanStatus,
} from './objects.ts';

/**
 * Whether spec and status are the same to Go's reflect.DeepEqual on KUDO's types: absent text equals
 * empty text, but an absent list or map does not equal an empty one.
 */
export function sameSpecAndStatus(a: Instance, b: Instance): boolean {
  return (
    JSON.stringify(specOf(a.spec)) === JSON.stringify(specOf(b.spec)) &&
    JSON.stringify(statusOf(a.status)) === JSON.stringify(statusOf(b.status))
  );
}

/** Whether two references are the same Go struct; if not, the write is an upgrade. */
export function sameReference(
  a: OperatorVersionReference | undefined,
  b: OperatorVersionReference | undefined,
): boolean {
  return goReferenceText(a) === goReferenceText(b);
}

/** A reference as Go prints the struct ObjectReference: all seven fields, empty ones too. */
export function goReferenceText(reference: OperatorVersionReference = {}): string {
  const { kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath } = reference;
  const fields = [kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath];
  return `{${fields.map((field) => field ?? '').join(' ')}}`;
}

function specOf(spec: InstanceSpec = {}): unknown {
  return [
    referenceFields(spec.operatorVersion),
    sortedEntries(spec.parameters),
    executionOf(spec.planExecution),
  ];
}

function referenceFields(reference: OperatorVersionReference = {}): unknown {
  const { kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath } = reference;
  return [kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath].map(text);
}

function executionOf(execution: PlanExecution = {}): unknown {
  return [execution.planName, execution.uid, execution.status].map(text);
}

function statusOf(status: InstanceStatus = {}): unknown {
  const plans = sortedEntries(status.planStatus);
  return [plans?.map(([name, plan]) => [name, planOf(plan)]) ?? null, conditionsOf(status)];
}

function planOf(plan: PlanStatus): unknown {
  const { name, status, message, lastUpdatedTimestamp, uid, phases } = plan;
  return [
    ...[name, status, message, uid].map(text),
    time(lastUpdatedTimestamp),
    phases?.map(phaseOf) ?? null,
  ];
}

function phaseOf({ name, status, message, steps }: PhaseStatus): unknown {
  const stepFields = steps?.map((step) => [step.name, step.status, step.message].map(text));
  return [...[name, status, message].map(text), stepFields ?? null];
}

function conditionsOf({ conditions }: InstanceStatus): unknown {
  return (
    conditions?.map((condition) => [
      ...[condition.type, condition.status, condition.reason, condition.message].map(text),
      condition.observedGeneration ?? 0,
      time(condition.lastTransitionTime),
    ]) ?? null
  );
}

const text = (value: string | undefined): string => value ?? '';

/** Times are equal when they mean the same instant. */
function time(value: string | null | undefined): number | null {
  return value === undefined || value === null ? null : new Date(value).getTime();
}

function sortedEntries<T>(
  map: Readonly<Record<string, T>> | null | undefined,
): [string, T][] | null {
  if (map === undefined || map === null) return null;
  return Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
