import { admitUpdate } from '../../src/kudo/admit-update.ts';
import { effectiveTrigger } from '../../src/kudo/effective-trigger.ts';
import { findParameter } from '../../src/kudo/find-parameter.ts';
import type { Instance, OperatorVersion } from '../../src/kudo/objects.ts';
import type { DesiredInstance } from '../../src/model/desired.ts';
import { parameterDifference } from '../../src/plan/parameter-edits.ts';

/** Beyond so many names that may be edited the search takes too long. */
const MAX_NAMES = 5;

/**
 * The smallest number of plans that bring an idle Instance to what Git says, by trying every order of
 * writes that KUDO admits and whose plan rolls out what they edit. Undefined when there is none, or the
 * case is too large.
 */
export function fewestPlans(
  desired: DesiredInstance,
  start: Instance,
  versions: readonly OperatorVersion[],
): number | undefined {
  const byName = new Map(versions.map((one) => [one.metadata.name, one]));
  const target = byName.get(desired.operatorVersion.name);
  if (!target) return undefined;
  const isReached = (instance: Instance): boolean =>
    versionOf(instance) === target.metadata.name &&
    parameterDifference(desired, instance, target).edits.length === 0;

  const names = candidates(desired, start, target);
  if (names.length > MAX_NAMES) return undefined;
  let reached = new Map([[stateOf(start), start]]);
  const seen = new Set(reached.keys());
  for (let plans = 0; reached.size > 0; plans++) {
    if ([...reached.values()].some(isReached)) return plans;
    const next = [...reached.values()]
      .flatMap((from) => writesFrom(from, desired, names, byName))
      .map((to) => [stateOf(to), to] as const)
      .filter(([state]) => !seen.has(state));
    for (const [state] of next) seen.add(state);
    reached = new Map(next);
  }
  return undefined;
}

const versionOf = ({ spec }: Instance): string => spec?.operatorVersion?.name ?? '';

function stateOf(instance: Instance): string {
  const parameters = Object.entries(instance.spec?.parameters ?? {});
  return JSON.stringify([versionOf(instance), parameters.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
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

interface Write {
  readonly edited: readonly string[];
  readonly from: OperatorVersion;
  readonly to: OperatorVersion;
}

/** Every Instance that one admitted write leads to, its plan ended well. */
function writesFrom(
  before: Instance,
  desired: DesiredInstance,
  names: readonly string[],
  versions: ReadonlyMap<string, OperatorVersion>,
): readonly Instance[] {
  const from = versions.get(versionOf(before));
  const target = versions.get(desired.operatorVersion.name);
  if (!from || !target) return [];
  const subsets = Array.from({ length: 1 << names.length }, (_, subset) =>
    names.filter((_name, bit) => (subset >> bit) % 2 === 1),
  );
  const context = {
    findOperatorVersion: (_namespace: string, name: string) => versions.get(name),
    newUid: () => 'u',
  };
  return [...new Set([from, target])].flatMap((to) =>
    subsets.flatMap((edited): readonly Instance[] => {
      const after = written(before, desired, edited, to.metadata.name);
      const answer = admitUpdate(before, after, context);
      if (!answer.allowed || !isCovered({ edited, from, to }, answer.scheduled)) return [];
      const { instance } = answer;
      return [{ ...instance, spec: { ...instance.spec, planExecution: {} } }];
    }),
  );
}

/** Whether the plan rolls out all that is edited; an upgrade does so with what one of its versions lacks. */
function isCovered({ edited, from, to }: Write, plan: string | undefined): boolean {
  return edited.every((name) => {
    const isKnown =
      findParameter(from, name) !== undefined && findParameter(to, name) !== undefined;
    return effectiveTrigger(name, to) === plan || (from !== to && !isKnown);
  });
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
