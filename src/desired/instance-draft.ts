import type { DesiredInstance, SourcePosition } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { parseDependsOn } from './depends-on.ts';

/** One parameter as it is written: KUDO's text for it, and where its name and its value stand. */
export interface DraftParameter {
  readonly value: string;
  readonly position: SourcePosition;
  readonly valuePosition: SourcePosition;
}

/** An Instance as one file says it, or as the layers so far say it together. */
export interface InstanceDraft {
  readonly key: ObjectKey;
  readonly namespace: string;
  readonly name: string;
  /** Absent in a layer that only overrides parameters. */
  readonly operatorVersion?: DesiredInstance['operatorVersion'] | undefined;
  readonly operatorVersionPosition?: SourcePosition | undefined;
  readonly parameters: ReadonlyMap<string, DraftParameter>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Where our own annotations are written; absent when there is none. */
  readonly annotationPositions?: Readonly<Record<string, SourcePosition>> | undefined;
  readonly position: SourcePosition;
}

/** What `over` says wins, parameter by parameter; what it does not say stays, with its position. */
export function overlay(base: InstanceDraft, over: InstanceDraft): InstanceDraft {
  return {
    ...over,
    operatorVersion: over.operatorVersion ?? base.operatorVersion,
    operatorVersionPosition: over.operatorVersionPosition ?? base.operatorVersionPosition,
    parameters: new Map([...base.parameters, ...over.parameters]),
    labels: { ...base.labels, ...over.labels },
    annotations: { ...base.annotations, ...over.annotations },
    ...positionsOf({ ...base.annotationPositions, ...over.annotationPositions }),
  };
}

/** As a field, when there is something in it. */
export function positionsOf(
  annotationPositions: Readonly<Record<string, SourcePosition>>,
): Pick<InstanceDraft, 'annotationPositions'> {
  return Object.keys(annotationPositions).length === 0 ? {} : { annotationPositions };
}

/** What was finished last; a draft whose file stays the same keeps its Instance from revision to revision. */
const finished = new WeakMap<InstanceDraft, DesiredInstance>();

/** The finished Instance; undefined while no layer names an OperatorVersion. */
export function toDesiredInstance(draft: InstanceDraft): DesiredInstance | undefined {
  const instance = finished.get(draft) ?? finishDraft(draft);
  if (instance) finished.set(draft, instance);
  return instance;
}

function finishDraft(draft: InstanceDraft): DesiredInstance | undefined {
  const { parameters, operatorVersion, operatorVersionPosition, ...rest } = draft;
  if (!operatorVersion || !operatorVersionPosition) return undefined;
  const dependsOn = parseDependsOn(rest.annotations[ANNOTATION.dependsOn], rest.namespace).keys;
  const entries = [...parameters].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...rest,
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    operatorVersion,
    operatorVersionPosition,
    parameters: Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
    parameterPositions: Object.fromEntries(entries.map(([name, { position }]) => [name, position])),
  };
}
