import { admitCreate } from './admit-create.ts';
import { findParameter, parametersOf } from './find-parameter.ts';
import type { Instance, OperatorVersion, Parameter } from './objects.ts';
import { placeUpgradeEdits, type ValueEdit } from './upgrade-edits.ts';
import { refusedWrite } from './refused-write.ts';
import { fallbackPlan, hasPlan } from './upgrade-plan.ts';
import { hasDefault, validateParameter } from './validate-parameter.ts';

/** Something that KUDO will refuse however often it is tried, and the way around it. */
export interface NeverAdmitted {
  /** Stable id for machines. */
  readonly id:
    | 'unknown-parameter'
    | 'invalid-parameter'
    | 'missing-parameter'
    | 'immutable-parameter'
    | 'immutable-without-value'
    | 'upgrade-refuses-value'
    | 'missing-plan'
    | 'not-admitted';
  readonly parameter?: string | undefined;
  /** Why, for people. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** What Git wants of one Instance, and what there is. */
export interface Wish {
  /** Every parameter that Git sets. */
  readonly desired: Readonly<Record<string, string>>;
  /** The Instance as it is; undefined when it is to be created. */
  readonly observed: Instance | undefined;
  /** How its parameters are to change. */
  readonly edits: readonly ValueEdit[];
  /** The OperatorVersion it has, and the one it is to have; the same when there is no upgrade. */
  readonly from: OperatorVersion;
  readonly to: OperatorVersion;
}

/**
 * Everything about a wish that KUDO would refuse for ever, by parameter, before anything is written.
 * What stands in the way only for now (a running plan) is not here. When no rule of ours objects, each
 * write of the wish is put to KUDO's admission, so nothing that it refuses is missing.
 */
export function findNeverAdmitted(wish: Wish): NeverAdmitted[] {
  const found = [
    ...unknownParameters(wish),
    ...invalidValues(wish),
    ...(wish.observed ? [...immutableEdits(wish), ...upgradeObstacles(wish)] : missingDeploy(wish)),
  ];
  const first = new Map(found.toReversed().map((entry) => [entry.parameter ?? '', entry]));
  const distinct = found.filter((entry) => first.get(entry.parameter ?? '') === entry);
  return distinct.length > 0 ? distinct : refusals(wish);
}

function unknownParameters({ desired, from, to }: Wish): NeverAdmitted[] {
  const unknown = Object.keys(desired).filter((name) => findParameter(to, name) === undefined);
  const known = parametersOf(to).map(({ name }) => name);
  return unknown.toSorted().map((name) => ({
    id: 'unknown-parameter',
    parameter: name,
    message: `OperatorVersion ${to.metadata.name} has no parameter ${name}`,
    hint: findParameter(from, name)
      ? `${to.metadata.name} has dropped it; remove it from Git`
      : knownHint(known),
  }));
}

const MAX_NAMES = 12;

function knownHint(known: readonly string[]): string {
  if (known.length === 0) return 'it has no parameters at all';
  const more = known.length > MAX_NAMES ? ', …' : '';
  return `its parameters are ${known.slice(0, MAX_NAMES).join(', ')}${more}`;
}

/** Values that the wanted version refuses once everything is written. */
function invalidValues(wish: Wish): NeverAdmitted[] {
  const final = finalParameters(wish);
  return parametersOf(wish.to).flatMap((parameter): NeverAdmitted[] => {
    const value = final.get(parameter.name) ?? '';
    const why = validateParameter(parameter, value);
    if (why === undefined) return [];
    const isMissing = value === '';
    return [
      {
        id: isMissing ? 'missing-parameter' : 'invalid-parameter',
        parameter: parameter.name,
        message: why,
        hint: isMissing ? `set ${parameter.name} in the Instance` : undefined,
      },
    ];
  });
}

function finalParameters({ desired, observed, edits }: Wish): Map<string, string> {
  const start = observed ? (observed.spec?.parameters ?? {}) : desired;
  const final = new Map(Object.entries(start));
  for (const { name, to } of edits) {
    if (to === undefined) final.delete(name);
    else final.set(name, to);
  }
  return final;
}

function missingDeploy({ to }: Wish): NeverAdmitted[] {
  if (hasPlan(to, 'deploy')) return [];
  const message = `OperatorVersion ${to.metadata.name} has no plan deploy, without which KUDO creates no Instance`;
  return [{ id: 'missing-plan', message, hint: 'add a plan deploy to the package' }];
}

function immutableEdits(wish: Wish): NeverAdmitted[] {
  const { after } = placesOf(wish);
  return after.flatMap(({ name, from, to }): NeverAdmitted[] => {
    if (findParameter(wish.to, name)?.immutable !== true) return [];
    const message =
      to === undefined
        ? `parameter ${name} is immutable: once removed, KUDO never lets it be set again`
        : `parameter ${name} is immutable: it cannot change from ${shown(from)} to ${shown(to)}`;
    const hint = `put ${shown(from)} back, or delete the Instance and create it anew`;
    return [{ id: 'immutable-parameter', parameter: name, message, hint }];
  });
}

const MAX_SHOWN = 60;

function shown(value: string | undefined): string {
  if (value === undefined) return 'its default';
  return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
}

function upgradeObstacles(wish: Wish): NeverAdmitted[] {
  if (!isUpgrade(wish)) return [];
  const final = finalParameters(wish);
  const { before } = placesOf(wish);
  return parametersOf(wish.to).flatMap((parameter): NeverAdmitted[] => {
    const old = findParameter(wish.from, parameter.name);
    const isFrozen = parameter.immutable === true && old?.immutable !== true;
    if (isFrozen && !final.has(parameter.name)) return [withoutValue(parameter, wish.to)];
    const edit = before.find(({ name }) => name === parameter.name);
    if (edit === undefined || old === undefined) return [];
    return refusesFirst(old, edit) ? [refusedValue(edit, old, parameter, wish)] : [];
  });
}

/** Whether the old version, too, keeps the edit from being made before the upgrade. */
function refusesFirst(old: Parameter, { to }: ValueEdit): boolean {
  return old.immutable === true || validateParameter(old, to ?? '') !== undefined;
}

function withoutValue(parameter: Parameter, to: OperatorVersion): NeverAdmitted {
  const { name } = parameter;
  return {
    id: 'immutable-without-value',
    parameter: name,
    message: `${to.metadata.name} makes parameter ${name} immutable, and KUDO upgrades to it only with a value in the Instance`,
    hint: hasDefault(parameter)
      ? `set ${name} in the Instance; the default would be ${shown(parameter.default)}`
      : `set ${name} in the Instance`,
  };
}

function refusedValue(
  edit: ValueEdit,
  old: Parameter,
  now: Parameter,
  { to }: Wish,
): NeverAdmitted {
  const { name, from } = edit;
  const common = (old.enum ?? []).filter((value) => now.enum?.includes(value) ?? true);
  const plan = fallbackPlan(to) ?? 'update';
  return {
    id: 'upgrade-refuses-value',
    parameter: name,
    message: `${to.metadata.name} refuses the present value ${shown(from)} of parameter ${name}, and a new value beside an upgrade is admitted only for plan deploy, not ${now.trigger || plan}`,
    hint:
      common.length > 0
        ? `first set ${name} to a value that both versions allow (${common.slice(0, MAX_NAMES).join(', ')}), in a commit of its own`
        : `no value is allowed by both versions: keep one of the old values in the new version, or delete the Instance and create it anew`,
  };
}

function placesOf(wish: Wish): ReturnType<typeof placeUpgradeEdits<ValueEdit>> {
  return isUpgrade(wish)
    ? placeUpgradeEdits(wish.edits, wish.from, wish.to)
    : { before: [], together: [], after: wish.edits };
}

function isUpgrade({ from, to }: Wish): boolean {
  const [old, now] = [from.metadata, to.metadata];
  return old.name !== now.name || (old.namespace ?? '') !== (now.namespace ?? '');
}

function refusals(wish: Wish): NeverAdmitted[] {
  const { observed, desired, to } = wish;
  const message = observed
    ? refusedWrite(observed, placesOf(wish), wish)
    : refusedCreation(desired, to);
  return message === undefined ? [] : [{ id: 'not-admitted', message }];
}

function refusedCreation(
  parameters: Readonly<Record<string, string>>,
  to: OperatorVersion,
): string | undefined {
  const answer = admitCreate(
    {
      apiVersion: 'kudo.dev/v1beta1',
      kind: 'Instance',
      metadata: { name: 'new', namespace: to.metadata.namespace },
      spec: { operatorVersion: { name: to.metadata.name }, parameters },
    },
    { findOperatorVersion: () => to, newUid: () => '' },
  );
  return answer.allowed ? undefined : answer.message;
}
