import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  desiredInstance,
  liveInstance,
  operatorVersion,
  PLAN_CONTEXT,
} from '../../test/builders.ts';
import { ModelKudo, settleAll } from '../../test/fakes/model-kudo.ts';
import type { Instance, OperatorVersion, Parameter } from '../kudo/objects.ts';
import { admitCreate } from '../kudo/admit-create.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { parameterDifference } from './parameter-edits.ts';
import { planInstance, type PlanContext } from './plan-instance.ts';

const NAMES = ['A', 'B', 'C', 'D'];
const VALUES = ['', '1', '2', '3'];
const PLANS = ['update', 'resize', 'upgrade'];

const value = fc.constantFrom(...VALUES);
const parameter = (name: string): fc.Arbitrary<Parameter> =>
  fc.record(
    {
      name: fc.constant(name),
      default: value,
      trigger: fc.constantFrom('deploy', 'update', 'resize'),
      immutable: fc.boolean(),
      required: fc.boolean(),
      enum: fc.subarray(VALUES, { minLength: 1 }),
    },
    { requiredKeys: ['name'] },
  );
const version = (name: string): fc.Arbitrary<OperatorVersion> =>
  fc
    .record({
      parameters: fc.tuple(...NAMES.map((one) => fc.option(parameter(one), { nil: undefined }))),
      plans: fc.subarray(PLANS),
    })
    .map(({ parameters, plans }) =>
      operatorVersion(
        parameters.filter((one) => one !== undefined),
        { name, plans: ['deploy', ...plans] },
      ),
    );
const values = fc.dictionary(fc.constantFrom(...NAMES), value);

interface World {
  readonly versions: readonly [OperatorVersion, OperatorVersion];
  readonly desired: DesiredInstance;
  readonly observed: Instance | undefined;
}

const world: fc.Arbitrary<World> = fc
  .record({
    versions: fc.tuple(version('queue-1.0.0'), version('queue-2.0.0')),
    wanted: fc.constantFrom('queue-1.0.0', 'queue-2.0.0'),
    there: fc.constantFrom(undefined, 'queue-1.0.0'),
    parameters: values,
    live: values,
    written: values,
  })
  .map(({ versions, wanted, there, parameters, live, written }) => ({
    versions,
    desired: desiredInstance(parameters, { version: wanted }),
    observed: there === undefined ? undefined : admitted(live, written, versions[0]),
  }));

/** As KUDO stored it once: immutable defaults are in it, and what it refuses is not. */
function admitted(
  live: Readonly<Record<string, string>>,
  written: Readonly<Record<string, string>>,
  from: OperatorVersion,
): Instance | undefined {
  const answer = admitCreate(liveInstance(live, { written }), {
    findOperatorVersion: () => from,
    newUid: () => 'u0',
  });
  if (!answer.allowed) return undefined;
  const { instance } = answer;
  return { ...instance, spec: { ...instance.spec, planExecution: {} } };
}

function contextOf(versions: World['versions']): PlanContext {
  const find = (_namespace: string, name: string): OperatorVersion | undefined =>
    versions.find(({ metadata }) => metadata.name === name);
  return { ...PLAN_CONTEXT, findDesired: find, findObserved: find };
}

test('from every start Git is reached or what stands in the way is said, without a write that KUDO refuses', () => {
  fc.assert(
    fc.property(world, fc.infiniteStream(fc.nat(9)), ({ versions, desired, observed }, chance) => {
      const context = contextOf(versions);
      const kudo = new ModelKudo(observed, versions);
      const before = planInstance(desired, observed, context);
      const end = settleAll(desired, context, kudo, () => chance.next().value ?? 0);

      expect(kudo.refusals).toEqual([]);
      expect(kudo.unexpectedPlans).toEqual([]);
      expect(end).toBe(before.problems.length > 0 ? 'held' : 'succeeded');
      expect(kudo.runs).toEqual(
        before.problems.length > 0 ? [] : before.changes.map(({ plan }) => plan),
      );
      if (end === 'held') return;
      const live = kudo.instance;
      const wanted = contextOf(versions).findDesired('', desired.operatorVersion.name);
      expect(live?.spec?.operatorVersion?.name).toBe(desired.operatorVersion.name);
      expect(live && wanted && parameterDifference(desired, live, wanted).edits).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('replaced content is rolled out the same way, by an upgrade to its uid', () => {
  const replacedUnder = fc
    .record({
      before: version('queue-1.0.0'),
      after: version('queue-1.0.0'),
      parameters: values,
      live: values,
      written: values,
    })
    .map(({ before, after, parameters, live, written }) => ({
      after,
      desired: desiredInstance(parameters),
      observed: admitted(live, written, before),
    }));
  fc.assert(
    fc.property(replacedUnder, fc.infiniteStream(fc.nat(9)), (given, chance) => {
      const { after, desired, observed } = given;
      const context = { ...contextOf([after, after]), contentUid: () => 'hash-of-the-content' };
      const kudo = new ModelKudo(observed, [after]);
      const before = planInstance(desired, observed, context);
      const end = settleAll(desired, context, kudo, () => chance.next().value ?? 0);

      expect([kudo.refusals, kudo.unexpectedPlans]).toEqual([[], []]);
      expect(end).toBe(before.problems.length > 0 ? 'held' : 'succeeded');
      if (end === 'held') return;
      expect(kudo.runs).toEqual(before.changes.map(({ plan }) => plan));
      const reference = kudo.instance?.spec?.operatorVersion;
      expect(reference).toMatchObject({ name: 'queue-1.0.0', uid: 'hash-of-the-content' });
    }),
    { numRuns: 500 },
  );
});
