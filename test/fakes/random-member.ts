import type { Instance, OperatorVersion } from '../../src/kudo/objects.ts';
import type { DesiredInstance } from '../../src/model/desired.ts';
import { desiredInstance } from '../builders.ts';
import { Chance } from '../fuzz/chance.ts';
import { randomPackage } from './random-package.ts';
import { randomWish, type RandomWish } from './random-wish.ts';
import { annotatedFile, instanceFile, operatorFile } from './tiny-operator.ts';

/** One Instance of a fleet, and what Git says of it. */
export interface RandomMember {
  readonly name: string;
  readonly versions: readonly [OperatorVersion, OperatorVersion];
  readonly chance: Chance;
  /** Name of the one that it depends on. */
  readonly dependsOn: string | undefined;
  wish: RandomWish;
  /** True while Git does not have it. */
  isGone: boolean;
  /** Parameters that others wrote. */
  readonly foreign: Set<string>;
  /** How it was when the last commit came; undefined when that says nothing about what follows. */
  start: Start | undefined;
}

export interface Start {
  readonly live: Instance | undefined;
  readonly plans: number;
}

/** Git has it no more. */
export function leave(member: RandomMember): void {
  member.isGone = true;
  member.start = undefined;
  member.foreign.clear();
}

/** What Git says of it, as the planner has it. */
export const wanted = ({ wish }: Pick<RandomMember, 'wish'>): DesiredInstance =>
  desiredInstance(wish.parameters, { version: wish.version.metadata.name });

/** The one of that number; the same seed, the same one. */
export function newMember(index: number, seed: number): RandomMember {
  const chance = new Chance(seed, index);
  const versions = randomPackage(`op${String(index)}`, chance);
  const wish = randomWish(versions, undefined, chance);
  const dependsOn =
    index > 0 && chance.below(10) < 2 ? `i${String(chance.below(index))}` : undefined;
  return {
    name: `i${String(index)}`,
    versions,
    chance,
    dependsOn,
    wish,
    isGone: false,
    foreign: new Set(),
    start: undefined,
  };
}

/** Its package and its file. */
export function memberFiles(member: RandomMember): Record<string, string> {
  const [first, second] = member.versions;
  return {
    [`operators/${member.name}-1.yaml`]: operatorFile(first),
    [`operators/${member.name}-2.yaml`]: JSON.stringify(second),
    [`${member.name}.yaml`]: wishFile(member),
  };
}

/** Its file. */
export function wishFile({ name, wish, dependsOn }: RandomMember): string {
  const version = wish.version.metadata.name;
  return dependsOn === undefined
    ? instanceFile(name, wish.parameters, version)
    : annotatedFile(name, { 'depends-on': dependsOn }, wish.parameters, version);
}
