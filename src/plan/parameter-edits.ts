import { parametersOf } from '../kudo/find-parameter.ts';
import type { Instance, OperatorVersion, Parameter } from '../kudo/objects.ts';
import { sameParameterValue } from '../kudo/parameter-values.ts';
import type { ParameterEdit } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { parameterAuthor } from '../model/field-author.ts';
import { ANNOTATION } from '../model/names.ts';
import { parseWrittenKeys, valueHash } from '../model/written-keys.ts';

type Annotations = Readonly<Record<string, string>>;

/** Edits that Git asks for, and the names of parameters that somebody else changed since Git last wrote them. */
export interface ParameterDifference {
  readonly edits: readonly ParameterEdit[];
  readonly drifted: readonly ParameterEdit[];
}

/**
 * How the parameters of `observed` differ from what Git says, by name.
 *
 * - Only what Git sets, or once set, is compared: keys of other writers stay.
 * - Values are compared as KUDO's templates see them, and a key that says what the default says
 *   anyway is no difference: writing it would run a plan for nothing.
 * - A key has drifted when Git still says what was last written and the cluster says something else.
 */
export function parameterDifference(
  desired: DesiredInstance,
  observed: Instance,
  operatorVersion: OperatorVersion,
): ParameterDifference {
  const live = observed.spec?.parameters ?? {};
  const written = parseWrittenKeys(observed.metadata.annotations?.[ANNOTATION.keys]);
  const definitions = new Map(
    parametersOf(operatorVersion).map((parameter) => [parameter.name, parameter]),
  );
  const secrets = secretNamesOf(desired, observed, operatorVersion);
  const edits: ParameterEdit[] = [];
  const drifted: ParameterEdit[] = [];

  const names = new Set([...Object.keys(desired.parameters), ...written.keys()]);
  for (const name of [...names].toSorted()) {
    const [from, to] = [live[name], desired.parameters[name]];
    if (!differs(definitions.get(name), from, to)) continue;
    const edit = { name, from, to, secret: secrets.has(name) };
    const isDrift = to !== undefined && written.get(name) === valueHash(to);
    if (isDrift) drifted.push({ ...edit, setBy: parameterAuthor(observed, name) });
    else edits.push(edit);
  }
  return { edits, drifted };
}

/** KUDO runs no plan for taking away what no definition knows, and forgets the other removals beside it. */
function differs(
  definition: Parameter | undefined,
  from: string | undefined,
  to: string | undefined,
): boolean {
  if (to === undefined && definition === undefined) return false;
  return !isSame(definition, from, to);
}

/** Names whose values appear nowhere, from the Instance in Git and its OperatorVersion. */
export function secretNames(
  desired: { readonly annotations: Annotations },
  operatorVersion: OperatorVersion | undefined,
): ReadonlySet<string> {
  return new Set(
    [desired.annotations, operatorVersion?.metadata.annotations].flatMap(secretNamesIn),
  );
}

/** Names of secret parameters that the annotations of an Instance or an OperatorVersion list. */
export function secretNamesIn(annotations: Annotations | undefined): readonly string[] {
  const list = annotations?.[ANNOTATION.secretParameters];
  if (list === undefined) return [];
  return list.split(',').flatMap((name) => name.trim() || []);
}

/** The same, and those that the Instance in the cluster names: nobody makes a value public by leaving a name out. */
export function secretNamesOf(
  desired: DesiredInstance,
  observed: Instance,
  operatorVersion: OperatorVersion | undefined,
): ReadonlySet<string> {
  const own = { annotations: observed.metadata.annotations ?? {} };
  return new Set([...secretNames(desired, operatorVersion), ...secretNames(own, undefined)]);
}

function isSame(
  definition: Parameter | undefined,
  from: string | undefined,
  to: string | undefined,
): boolean {
  const unset = definition?.default ?? undefined;
  const [left, right] = [from ?? unset, to ?? unset];
  if (left === undefined || right === undefined) return left === right;
  return (
    left === right || (definition !== undefined && sameParameterValue(definition, left, right))
  );
}
