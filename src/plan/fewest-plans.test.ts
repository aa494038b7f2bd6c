import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  desiredInstance,
  liveInstance,
  operatorVersion,
  PLAN_CONTEXT,
} from '../../test/builders.ts';
import { admitUpdate } from '../kudo/admit-update.ts';
import { effectiveTrigger } from '../kudo/effective-trigger.ts';
import type { Instance, OperatorVersion, Parameter } from '../kudo/objects.ts';
import { editsOf } from '../model/change.ts';
import { planInstance } from './plan-instance.ts';

const NAMES = ['A', 'B', 'C'];
type Values = Readonly<Record<string, string>>;

const parameter = (name: string): fc.Arbitrary<Parameter> =>
  fc.record(
    {
      name: fc.constant(name),
      default: fc.constant('0'),
      trigger: fc.constantFrom('deploy', 'update', 'resize'),
    },
    { requiredKeys: ['name', 'default'] },
  );

const cases = fc.record({
  version: fc
    .tuple(fc.tuple(...NAMES.map(parameter)), fc.subarray(['update', 'resize', 'other']))
    .map(([parameters, plans]) => operatorVersion(parameters, { plans: ['deploy', ...plans] })),
  live: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom('1', '2'), {
    noNullPrototype: true,
  }),
  wanted: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom('1', '3'), {
    noNullPrototype: true,
  }),
});

/** A state between two writes: what is set, and which edits no plan that covers them has rolled out yet. */
interface Between {
  readonly values: Values;
  readonly open: ReadonlySet<string>;
}

/**
 * The smallest number of plans that brings `live` to `wanted` by writes that KUDO admits, each edited
 * parameter rolled out by a run of its own plan; undefined when there is no way of at most three.
 */
function fewestPlans(live: Values, wanted: Values, version: OperatorVersion): number | undefined {
  let states: readonly Between[] = [{ values: live, open: new Set() }];
  for (let plans = 0; plans <= NAMES.length; plans++) {
    if (states.some(({ values, open }) => open.size === 0 && same(values, wanted))) return plans;
    states = states.flatMap((state) =>
      subsets.flatMap((names) => after(state, names, wanted, version)),
    );
  }
  return undefined;
}

const subsets = [1, 2, 3, 4, 5, 6, 7].map((bits) => NAMES.filter((_, at) => bits & (1 << at)));

const same = (a: Values, b: Values): boolean => NAMES.every((name) => a[name] === b[name]);

/** After one write of these parameters and the plan that KUDO ran for it. */
function after(
  { values, open }: Between,
  names: readonly string[],
  wanted: Values,
  version: OperatorVersion,
): readonly Between[] {
  const edited = names.filter((name) => values[name] !== wanted[name]);
  if (edited.length === 0) return [];
  const kept = Object.entries(values).filter(([name]) => !edited.includes(name));
  const set = edited.flatMap((name) => {
    const to = wanted[name];
    return to === undefined ? [] : [[name, to] as const];
  });
  const next = Object.fromEntries([...kept, ...set]);
  const answer = admitUpdate(idle(values), idle(next), {
    findOperatorVersion: () => version,
    newUid: () => 'u1',
  });
  if (!answer.allowed || answer.scheduled === undefined) return [];
  const isOpen = (name: string): boolean => effectiveTrigger(name, version) !== answer.scheduled;
  return [{ values: next, open: new Set([...open, ...edited].filter(isOpen)) }];
}

const idle = (values: Values): Instance => liveInstance(values);

test('no more plans than any way needs that rolls out every edited parameter', () => {
  fc.assert(
    fc.property(cases, ({ version, live, wanted }) => {
      const desired = desiredInstance(wanted);
      const observed = liveInstance(live);
      const find = (): OperatorVersion => version;
      const context = {
        ...PLAN_CONTEXT,
        findDesired: find,
        findObserved: find,
      };
      const { changes, problems } = planInstance(desired, observed, context);
      fc.pre(problems.length === 0);
      const fewest = fewestPlans(live, wanted, version);
      expect(changes.filter(({ plan }) => plan !== '-').length).toBe(fewest);
      for (const change of changes) {
        const edits = editsOf(change);
        expect(edits.map(({ name }) => effectiveTrigger(name, version))).toEqual(
          edits.map(() => change.plan),
        );
      }
    }),
    { numRuns: 400 },
  );
});
