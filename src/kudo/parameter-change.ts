import { ownValue } from './admission.ts';
import { findParameter, parametersOf } from './find-parameter.ts';
import { goQuote } from './go-text.ts';
import type { OperatorVersion, Parameter } from './objects.ts';
import { fallbackPlan, hasPlan } from './upgrade-plan.ts';
import { hasDefault } from './validate-parameter.ts';

type Values = Readonly<Record<string, string>>;
type Refused = { readonly refused: string };

/** The definitions that a write changes, by name: of changed or added values, and of removed ones. */
export interface ChangedDefinitions {
  readonly changed: readonly Parameter[];
  readonly removed: readonly Parameter[];
}

/**
 * changedParameters of instance_admission.go: an added or changed value needs a definition in the new
 * OperatorVersion and counts as a change only if the old one had it, too; one removed value without a
 * definition makes KUDO forget all removed ones.
 */
export function changedDefinitions(
  [before, after]: readonly [Values, Values],
  [from, to]: readonly [OperatorVersion, OperatorVersion],
): ChangedDefinitions | Refused {
  const changedNames = Object.keys(after).filter(
    (name) => ownValue(before, name) !== ownValue(after, name),
  );
  const removedNames = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  const changed = definitions(changedNames, to);
  if ('refused' in changed) return changed;
  const removed = definitions(removedNames, to);
  return {
    changed: changed.filter(({ name }) => findParameter(from, name) !== undefined),
    removed: 'refused' in removed ? [] : removed,
  };
}

function definitions(
  names: readonly string[],
  operatorVersion: OperatorVersion,
): readonly Parameter[] | Refused {
  const found: Parameter[] = [];
  for (const name of names.toSorted()) {
    const definition = findParameter(operatorVersion, name);
    if (definition === undefined)
      return { refused: `failed to find parameter ${goQuote(name)} in the OperatorVersion` };
    found.push(definition);
  }
  return found;
}

/** The plan that a change of these parameters runs; undefined when nothing changes (triggeredByParameterUpdate). */
export function triggeredPlan(
  { changed, removed }: ChangedDefinitions,
  operatorVersion: OperatorVersion,
): { readonly plan: string | undefined } | Refused {
  const parameters = [...changed, ...removed];
  if (parameters.length === 0) return { plan: undefined };
  const plans = new Set<string>();
  for (const { name, trigger = '' } of parameters) {
    if (trigger === '') continue;
    if (!hasPlan(operatorVersion, trigger))
      return {
        refused: `param ${name} defined trigger plan ${trigger}, but plan not defined in operatorversion`,
      };
    plans.add(trigger);
  }
  if (plans.size > 1)
    return {
      refused: `triggering multiple plans: [[${[...plans].join(' ')}]] at once is not allowed`,
    };
  const [plan = fallbackPlan(operatorVersion)] = plans;
  if (plan === undefined)
    return { refused: "couldn't find any plans that would be triggered by the update" };
  return { plan };
}

/** The parameters that are stored after an update that is no upgrade, or which immutable one stands in the way. */
export function updatedParameters(
  after: Values,
  before: Values,
  changed: readonly Parameter[],
): { readonly parameters: Values } | Refused {
  const [first] = changed.filter(({ immutable }) => immutable === true);
  if (first === undefined) return { parameters: after };
  const [from, to] = [ownValue(before, first.name) ?? '', ownValue(after, first.name) ?? ''];
  return {
    refused: `parameter '${first.name}' is immutable but was changed from '${from}' to '${to}'`,
  };
}

/**
 * validateOVUpgrade of instance_admission.go: the parameters that are stored after an upgrade, without
 * those that the new OperatorVersion dropped, or why an immutable one stands in the way.
 */
export function upgradedParameters(
  after: Values,
  from: OperatorVersion,
  to: OperatorVersion,
): { readonly parameters: Values } | Refused {
  const [old, current] = [parametersOf(from), parametersOf(to)];
  const name = to.metadata.name;
  const frozen = old.flatMap((before) =>
    current.filter(
      (now) => now.name === before.name && now.immutable === true && before.immutable !== true,
    ),
  );
  const missing = frozen.find((parameter) => !Object.hasOwn(after, parameter.name));
  if (missing !== undefined)
    return {
      refused: `parameter '${missing.name}' was changed to immutable in operator version ${name} but no value was provided`,
    };
  const dropped = new Set(missingFrom(current, old).map((parameter) => parameter.name));
  const kept = Object.fromEntries(Object.entries(after).filter(([key]) => !dropped.has(key)));
  const added = missingFrom(old, current).find(
    (parameter) => parameter.immutable === true && !Object.hasOwn(kept, parameter.name),
  );
  if (added === undefined) return { parameters: kept };
  const hint = hasDefault(added) ? ` (default would be ${added.default})` : '';
  return {
    refused: `parameter '${added.name}' was added in operator version ${name}, but no value was provided${hint}`,
  };
}

/** The parameters of `list` whose names are not in `without`. */
function missingFrom(without: readonly Parameter[], list: readonly Parameter[]): Parameter[] {
  const names = new Set(without.map(({ name }) => name));
  return list.filter(({ name }) => !names.has(name));
}
