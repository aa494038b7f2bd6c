import { expect, test } from 'vitest';
import {
  desiredInstance,
  liveInstance,
  operatorVersion,
  PLAN_CONTEXT,
} from '../../test/builders.ts';
import { fewestPlans } from '../../test/fakes/fewest-plans.ts';
import { randomPackage } from '../../test/fakes/random-package.ts';
import { randomWish, type RandomWish } from '../../test/fakes/random-wish.ts';
import { Chance } from '../../test/fuzz/chance.ts';
import { admitCreate } from '../kudo/admit-create.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { editsOf, type InstancePlan } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { planInstance } from './plan-instance.ts';

const CASES = Number(process.env['FEWEST_PLANS_CASES'] ?? 100);

type Versions = readonly [OperatorVersion, OperatorVersion];

function planned(desired: DesiredInstance, live: Instance, versions: Versions): InstancePlan {
  const find = (_namespace: string, name: string): OperatorVersion | undefined =>
    versions.find(({ metadata }) => metadata.name === name);
  return planInstance(desired, live, { ...PLAN_CONTEXT, findDesired: find, findObserved: find });
}

const wanted = ({ version, parameters }: RandomWish): DesiredInstance =>
  desiredInstance(parameters, { version: version.metadata.name });

/** As KUDO has it after its deployment; undefined when it refuses that. */
function deployed({ version, parameters }: RandomWish): Instance | undefined {
  const wish = liveInstance(parameters, { version: version.metadata.name });
  const answer = admitCreate(wish, { findOperatorVersion: () => version, newUid: () => 'u1' });
  if (!answer.allowed) return undefined;
  return { ...answer.instance, spec: { ...answer.instance.spec, planExecution: {} } };
}

test('no more plans than any way needs that rolls out every edited parameter', () => {
  const judged = { changes: 0, upgrades: 0 };
  for (let seed = 0; seed < CASES; seed++) {
    const chance = new Chance(seed, 0);
    const versions = randomPackage('queue', chance);
    const before = randomWish(versions, undefined, chance);
    const desired = wanted(randomWish(versions, before, chance));
    const live = deployed(before);
    if (!live) continue;
    const { changes, problems } = planned(desired, live, versions);
    if (problems.length > 0) continue;
    const fewest = fewestPlans(desired, live, versions);
    if (fewest === 'too large') continue;
    judged.changes += changes.length;
    if (changes.some(({ kind }) => kind === 'upgrade')) judged.upgrades += 1;
    expect({ seed, plans: changes.filter(({ plan }) => plan !== '-').length }).toEqual({
      seed,
      plans: fewest,
    });
  }
  expect(judged.upgrades).toBeGreaterThan(CASES / 15);
});

test('a value that Git gives to a new version is not given to the old one, though that saved a plan', () => {
  const parameter = (name: string, trigger: string) => ({ name, default: '1', trigger });
  const plans = ['deploy', 'resize', 'upgrade'];
  const versions: Versions = [
    operatorVersion([parameter('SIZE', 'resize'), parameter('FLAG', 'resize')], { plans }),
    operatorVersion([parameter('SIZE', 'resize'), parameter('FLAG', 'deploy')], {
      plans,
      name: 'queue-2.0.0',
    }),
  ];
  const desired = desiredInstance({ SIZE: '2', FLAG: '2' }, { version: 'queue-2.0.0' });
  const { changes } = planned(desired, liveInstance(), versions);
  expect(changes.map((change) => [change.plan, editsOf(change).map(({ name }) => name)])).toEqual([
    ['upgrade', []],
    ['deploy', ['FLAG']],
    ['resize', ['SIZE']],
  ]);
  expect(fewestPlans(desired, liveInstance(), versions)).toBe(3);
});
