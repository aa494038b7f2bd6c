import { admitUpdate } from '../../src/kudo/admit-update.ts';
import { effectiveTrigger } from '../../src/kudo/effective-trigger.ts';
import { findParameter } from '../../src/kudo/find-parameter.ts';
import type { Instance, OperatorVersion } from '../../src/kudo/objects.ts';
import type { DesiredInstance } from '../../src/model/desired.ts';
import { parameterDifference } from '../../src/plan/parameter-edits.ts';

/** Beyond so many names that may be edited the search takes too long. */
const MAX_NAMES = 5;

/** A way that has come so far. */
interface Way {
  readonly instance: Instance;
  /** How many values were given to the version that Git no longer wants. */
  readonly early: number;
  /** How many values an upgrade took along whose own plan is another one. */
  readonly carried: number;
}

/**
 * The smallest number of plans that bring an idle Instance to what Git says, by trying every order of
 * writes that KUDO admits; `none` when no order does, `too large` when there are too many to try.
 *
 * Beside an upgrade, those ways count that give the old version as few of the new values as can be, and
 * of these the ones on which as few values as can be are rolled out by the upgrade's plan in place of
 * their own. For values in Git are meant for the version that stands beside them, and what rolls one out
 * is the trigger that the new version names: KUDO reads a write of both in this way and refuses any but
 * `deploy`, of which it then runs the upgrade's plan alone (`triggeredByParameterUpdate(…, ov)` and
 * `updateIncompatibleWithUpgrade` in pkg/webhook/instance_admission.go). That it overlooks a parameter
 * without a trigger beside one with `deploy` is used by nobody.
 */
export function fewestPlans(
  desired: DesiredInstance,
  start: Instance,
  versions: readonly OperatorVersion[],
): number | 'none' | 'too large' {
  const byName = new Map(versions.map((one) => [one.metadata.name, one]));
  const target = byName.get(desired.operatorVersion.name);
  if (!target) return 'none';
  const isReached = ({ instance }: Way): boolean =>
    versionOf(instance) === target.metadata.name &&
    parameterDifference(desired, instance, target).edits.length === 0;

  const names = candidates(desired, start, target);
  if (names.length > MAX_NAMES) return 'too large';
  let ways: readonly Way[] = [{ instance: start, early: 0, carried: 0 }];
  const seen = new Set(ways.map(stateOf));
  let best = { plans: NaN, cost: Infinity };
  for (let plans = 0; ways.length > 0; plans++) {
    const cost = Math.min(...ways.filter(isReached).map(costOf));
    if (cost < best.cost) best = { plans, cost };
    const next = ways.flatMap((way) => writesFrom(way, desired, names, byName));
    const fresh = new Map(next.map((way) => [stateOf(way), way]));
    for (const state of seen) fresh.delete(state);
    for (const state of fresh.keys()) seen.add(state);
    ways = [...fresh.values()];
  }
  return Number.isNaN(best.plans) ? 'none' : best.plans;
}

/** One value too early weighs more than all that an upgrade may take along. */
const costOf = ({ early, carried }: Way): number => early * 100 + carried;

const versionOf = ({ spec }: Instance): string => spec?.operatorVersion?.name ?? '';

function stateOf(way: Way): string {
  const { instance } = way;
  const parameters = Object.entries(instance.spec?.parameters ?? {});
  const sorted = parameters.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([costOf(way), versionOf(instance), sorted]);
}

/** What may be written: all that Git says in other words than the Instance, and what Git no longer says. */
function candidates(
  desired: DesiredInstance,
  start: Instance,
  target: OperatorVersion,
): readonly string[] {
  const live = start.spec?.parameters ?? {};
  const said = Object.keys(desired.parameters).filter(
    (name) => live[name] !== desired.parameters[name],
  );
  const { edits, drifted } = parameterDifference(desired, start, target);
  const left = new Set(drifted.map(({ name }) => name));
  return [...new Set([...said, ...edits.map(({ name }) => name)])].filter(
    (name) => !left.has(name),
  );
}

/** Where one more admitted write leads to, its plan ended well. */
function writesFrom(
  way: Way,
  desired: DesiredInstance,
  names: readonly string[],
  versions: ReadonlyMap<string, OperatorVersion>,
): readonly Way[] {
  const { instance: before, early, carried } = way;
  const from = versions.get(versionOf(before));
  const target = versions.get(desired.operatorVersion.name);
  if (!from || !target) return [];
  const live = before.spec?.parameters ?? {};
  const open = names.filter((name) => live[name] !== desired.parameters[name]);
  const subsets = Array.from({ length: 1 << open.length }, (_, subset) =>
    open.filter((_name, bit) => (subset >> bit) % 2 === 1),
  );
  const context = {
    findOperatorVersion: (_namespace: string, name: string) => versions.get(name),
    newUid: () => 'u',
  };
  return [...new Set([from, target])].flatMap((to) =>
    subsets.flatMap((edited): readonly Way[] => {
      const after = written(before, desired, edited, to.metadata.name);
      const answer = admitUpdate(before, after, context);
      if (!answer.allowed) return [];
      // An upgrade itself rolls out what one of its versions lacks.
      const known = edited.filter((name) => findParameter(from, name) && findParameter(to, name));
      const expected = from === to ? answer.scheduled : 'deploy';
      if (!known.every((name) => effectiveTrigger(name, to) === expected)) return [];
      const { instance } = answer;
      return [
        {
          instance: { ...instance, spec: { ...instance.spec, planExecution: {} } },
          early: early + (to === target ? 0 : edited.length),
          carried: carried + (expected === answer.scheduled ? 0 : known.length),
        },
      ];
    }),
  );
}

function written(
  from: Instance,
  desired: DesiredInstance,
  edited: readonly string[],
  name: string,
): Instance {
  const parameters: Record<string, string> = { ...from.spec?.parameters };
  for (const one of edited) {
    const value = desired.parameters[one];
    if (value === undefined) delete parameters[one];
    else parameters[one] = value;
  }
  const operatorVersion = { ...from.spec?.operatorVersion, name };
  return { ...from, spec: { ...from.spec, operatorVersion, parameters, planExecution: {} } };
}
