import type { Instance } from '../kudo/objects.ts';
import { describeEdit, type Change, type ParameterEdit } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { ANNOTATION } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';

/** How an Instance of others differs from Git. */
export interface Difference {
  readonly edits: readonly ParameterEdit[];
  /** True when it is at another OperatorVersion. */
  readonly upgrade: boolean;
}

/**
 * The taking over of an Instance that others made: metadata alone. While Git says something else it is
 * not touched, until Git says `gitops.kudo.dev/adopt: overwrite`.
 *
 * @param whose e.g. `was not made by kudo-gitops`
 */
export function planAdoption(
  desired: DesiredInstance,
  difference: Difference,
  whose: string,
): Change | Problem {
  const differences = differencesText(desired, difference);
  const { key } = desired;
  if (differences !== '' && desired.annotations[ANNOTATION.adopt] !== 'overwrite') {
    return {
      id: 'not-adopted',
      severity: 'error',
      ...desired.position,
      message: `${key} ${whose} and is left alone: Git differs in ${differences}`,
      hint: `make Git say what the cluster has, or annotate it in Git with ${ANNOTATION.adopt}: overwrite`,
    };
  }
  const changed = new Set(difference.edits.map(({ name }) => name));
  const same = Object.keys(desired.parameters).filter((name) => !changed.has(name));
  return { key, kind: 'adopt', plan: '-', desired, same, sameVersion: !difference.upgrade };
}

/** `operatorVersion → queue-2.0.0, NODES 3 → 5`; empty when there is none. */
export function differencesText(
  { operatorVersion }: DesiredInstance,
  { edits, upgrade }: Difference,
): string {
  const version = upgrade ? [`operatorVersion → ${operatorVersion.name}`] : [];
  return [...version, ...edits.map(describeEdit)].join(', ');
}

/** Decisions that count after Git no longer names the Instance, and where only the cluster is looked at. */
const CARRIED = [ANNOTATION.prune, ANNOTATION.secretParameters];

/** What Git states of pruning and secret parameters and the Instance does not carry yet. */
export function statedDecisions(
  { annotations }: DesiredInstance,
  observed: Instance,
): Readonly<Record<string, string>> {
  const stated = CARRIED.flatMap((name) => {
    const wanted = annotations[name];
    const isThere = observed.metadata.annotations?.[name] === wanted;
    return wanted === undefined || isThere ? [] : [[name, wanted] as const];
  });
  return Object.fromEntries(stated);
}
