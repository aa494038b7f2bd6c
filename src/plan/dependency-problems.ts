import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';
import type { InstanceOrder } from './instance-order.ts';

/** What the names in `gitops.kudo.dev/depends-on` are judged by. */
export interface DependencyContext {
  readonly order: InstanceOrder;
  /** Whether Git or the cluster has the Instance. */
  readonly has: (key: ObjectKey) => boolean;
  /** What was probably meant. */
  readonly suggest: (key: ObjectKey) => string | undefined;
  /** True when the cluster is not asked: a name that is not in Git may be there. */
  readonly isOffline: boolean;
}

/** What is wrong with the names that an Instance depends on: none of that name, or it waits for itself. */
export function dependencyProblems(
  desired: DesiredInstance,
  context: DependencyContext | undefined,
): readonly Problem[] {
  if (!context || !desired.dependsOn) return [];
  const position = desired.annotationPositions?.[ANNOTATION.dependsOn] ?? desired.position;
  const circle = context.order.cycles.get(desired.key);
  const unknown = desired.dependsOn.filter((key) => !context.has(key));
  return [
    ...(circle === undefined
      ? []
      : [
          {
            id: 'depends-on-circle',
            severity: 'error',
            ...position,
            message: `${desired.key} waits for itself: ${circle}`,
            hint: `take one of the names out of ${ANNOTATION.dependsOn}`,
          } as const,
        ]),
    ...unknown.map((key) => ({ ...position, ...unknownName(desired.key, key, context) })),
  ];
}

function unknownName(
  of: ObjectKey,
  key: ObjectKey,
  { isOffline, suggest }: DependencyContext,
): Pick<Problem, 'id' | 'severity' | 'message' | 'hint'> {
  const meant = suggest(key);
  const where = isOffline ? 'is not in these files' : 'is neither in Git nor in the cluster';
  return {
    id: 'unknown-dependency',
    // Something else may have made it in the cluster, unless it looks like a slip of the pen.
    severity: isOffline && meant === undefined ? 'warning' : 'error',
    message: `${of} depends on ${key}, which ${where}`,
    hint:
      meant === undefined
        ? `add the Instance, or take its name out of ${ANNOTATION.dependsOn}`
        : `did you mean ${meant}?`,
  };
}
