import { findParameter } from '../../src/kudo/find-parameter.ts';
import type { OperatorVersion, Parameter } from '../../src/kudo/objects.ts';
import type { Chance } from '../fuzz/chance.ts';
import { NAMES, VALUES } from './random-package.ts';

/** What Git says of one Instance. */
export interface RandomWish {
  readonly version: OperatorVersion;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * What Git might say next. Most of it is what KUDO takes: values from the enums, immutable parameters as
 * they were; the rest is to be found out before it is written.
 */
export function randomWish(
  versions: readonly [OperatorVersion, OperatorVersion],
  before: RandomWish | undefined,
  chance: Chance,
): RandomWish {
  const wantsOther = chance.below(100) < 30;
  const others = versions.filter((one) => one !== before?.version);
  const version = wantsOther ? chance.of(others) : (before?.version ?? versions[0]);
  const parameters: Record<string, string> = {};
  for (const name of NAMES) {
    const value = randomValue(name, version, before, chance);
    if (value !== undefined) parameters[name] = value;
  }
  if (chance.below(10) < 4) parameters['FLAG'] = chance.of(['true', 'false', 'false', 'maybe']);
  if (chance.below(10) < 4) parameters['OUTCOME'] = chance.of(['good', 'good', 'fail']);
  return { version, parameters };
}

function randomValue(
  name: string,
  version: OperatorVersion,
  before: RandomWish | undefined,
  chance: Chance,
): string | undefined {
  const parameter = findParameter(version, name);
  const old = before?.parameters[name];
  if (!parameter) return chance.below(100) < 3 ? '1' : undefined;
  const keeps = before !== undefined && chance.below(100) < (parameter.immutable ? 95 : 50);
  if (keeps) return old;
  const isWanted = parameter.required === true || chance.below(10) < 6;
  return isWanted ? newValue(parameter, chance) : undefined;
}

/** Most of the time one that KUDO takes. */
function newValue({ required, enum: allowed }: Parameter, chance: Chance): string {
  if (chance.below(100) >= 90) return chance.of(VALUES);
  const fitting = (allowed ?? VALUES).filter((value) => value !== '' || required !== true);
  return chance.of(fitting.length > 0 ? fitting : VALUES);
}

/** The same without what lets plans fail or hang. */
export function mended({ version, parameters }: RandomWish): RandomWish {
  return { version, parameters: { ...parameters, FLAG: 'true', OUTCOME: 'good' } };
}
