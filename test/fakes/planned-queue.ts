import type { Instance, OperatorVersion } from '../../src/kudo/objects.ts';
import { describeChange, type InstancePlan } from '../../src/model/change.ts';
import type { DesiredInstance } from '../../src/model/desired.ts';
import { planInstance, type PlanContext } from '../../src/plan/plan-instance.ts';
import { operatorVersion, PLAN_CONTEXT } from '../builders.ts';

/** `queue-1.0.0`, with a parameter of every kind that the planner tells apart. */
export const QUEUE = operatorVersion(
  [
    { name: 'NODES', default: '3' },
    { name: 'SIZE', default: '1', trigger: 'resize' },
    { name: 'MODE', trigger: 'update' },
    { name: 'DISK', default: '10', immutable: true },
    { name: 'TOPICS', 'value-type': 'map' },
    { name: 'PASSWORD', enum: ['correct-horse', 'battery-staple'] },
  ],
  {
    plans: ['deploy', 'update', 'resize'],
    annotations: { 'gitops.kudo.dev/secret-parameters': 'PASSWORD' },
  },
);

/** The plan of one Instance, for our Sync, where Git and the cluster have these OperatorVersions. */
export function planQueue(
  desired: DesiredInstance,
  observed: Instance | undefined,
  versions: readonly OperatorVersion[] = [QUEUE],
  more: Partial<PlanContext> = {},
): InstancePlan {
  const find = (_namespace: string, name: string) =>
    versions.find(({ metadata }) => metadata.name === name);
  const knownNames = () => versions.map(({ metadata }) => metadata.name);
  const context = { ...PLAN_CONTEXT, findDesired: find, findObserved: find, knownNames };
  return planInstance(desired, observed, { ...context, ...more });
}

/** `update: NODES 3 → 5`, in the order in which they are written. */
export const changesOf = ({ changes }: InstancePlan): readonly string[] =>
  changes.map((change) => `${change.plan}: ${describeChange(change)}`);

/** `orders.yaml:1:3 what is wrong`. */
export const problemsOf = ({ problems }: InstancePlan): readonly string[] =>
  problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
