import { describe, expect, test } from 'vitest';
import {
  desiredInstance,
  liveInstance,
  operatorVersion,
  PLAN_CONTEXT,
  SYNC_UID,
} from '../../test/builders.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { describeChange, type InstancePlan } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { planInstance, type PlanContext } from './plan-instance.ts';

const QUEUE = operatorVersion(
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

function plan(
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

const changesOf = ({ changes }: InstancePlan): readonly string[] =>
  changes.map((change) => `${change.plan}: ${describeChange(change)}`);

const problemsOf = ({ problems }: InstancePlan): readonly string[] =>
  problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);

describe('an Instance that another has', () => {
  test.each([
    [
      'of another Sync',
      liveInstance({ NODES: '3' }, { owner: 'other:shop/orders' }),
      'it belongs to Sync shop/other',
    ],
    [
      'made by a plan of another Instance',
      liveInstance({ NODES: '3' }, { parent: 'storefront' }),
      'it is a child of Instance storefront, whose plans set its parameters',
    ],
  ])('%s is left alone, whatever Git says', (_why, live, why) => {
    const annotations = { 'gitops.kudo.dev/adopt': 'overwrite' };
    const result = plan(desiredInstance({ NODES: '5' }, { annotations }), live);
    expect(result.changes).toEqual([]);
    expect(problemsOf(result)).toEqual([
      `orders.yaml:1:3 shop/orders exists and is left alone: ${why}; Git differs in NODES 3 → 5`,
    ]);
    expect(plan(desiredInstance({ NODES: '3' }), live)).toMatchObject({
      changes: [],
      problems: [],
      notes: [`shop/orders exists and is left alone: ${why}; it says the same as Git`],
    });
  });
});

describe('an Instance that is nobody’s', () => {
  const overwrite = { annotations: { 'gitops.kudo.dev/adopt': 'overwrite' } };

  test.each([
    ['made by hand', null, 'was not made by kudo-gitops'],
    ['copied from one of ours', `${SYNC_UID}:shop/original`, 'was not made by kudo-gitops'],
    ['of a Sync that is gone', 'gone:shop/orders', 'belonged to a Sync that is gone'],
  ])('%s is adopted when Git says the same, else only when Git says so', (_why, owner, text) => {
    const live = liveInstance({ NODES: '3' }, { owner });
    expect(changesOf(plan(desiredInstance({ NODES: '3' }), live))).toEqual(['-: adopt as it is']);
    const different = plan(desiredInstance({ NODES: '5' }), live);
    expect(different.changes).toEqual([]);
    expect(problemsOf(different)).toEqual([
      `orders.yaml:1:3 shop/orders ${text} and is left alone: Git differs in NODES 3 → 5`,
    ]);
    expect(changesOf(plan(desiredInstance({ NODES: '5' }, overwrite), live))).toEqual([
      '-: adopt as it is',
      'update: NODES 3 → 5',
    ]);
  });

  test('is remembered as written only where Git says the same', () => {
    const live = liveInstance({ NODES: '3', SIZE: '2' }, { owner: null });
    const [adoption] = plan(desiredInstance({ NODES: '5', SIZE: '2' }, overwrite), live).changes;
    expect(adoption).toMatchObject({ kind: 'adopt', same: ['SIZE'] });
  });

  test('is upgraded after it was adopted, when Git says so', () => {
    const next = operatorVersion([], { name: 'queue-2.0.0' });
    const desired = desiredInstance({}, { version: 'queue-2.0.0', ...overwrite });
    const result = plan(desired, liveInstance({}, { owner: null }), [QUEUE, next]);
    expect(changesOf(result)).toEqual([
      '-: adopt as it is',
      'update: upgrade queue-1.0.0 → queue-2.0.0',
    ]);
  });
});
