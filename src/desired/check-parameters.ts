import { findParameter, parametersOf } from '../kudo/find-parameter.ts';
import type { OperatorVersion, Parameter } from '../kudo/objects.ts';
import { validateParameter } from '../kudo/validate-parameter.ts';
import { ANNOTATION } from '../model/names.ts';
import type { DraftParameter, InstanceDraft } from './instance-draft.ts';
import type { ProblemList } from './problem-list.ts';
import { suggestionHint } from './suggest.ts';

/**
 * Whether the OperatorVersion takes the Instance's parameters: each one known and of its type, and
 * none missing that is required. Immutable ones need the cluster and are the planner's.
 */
export function checkParameters(
  draft: InstanceDraft,
  operatorVersion: OperatorVersion,
  problems: ProblemList,
): boolean {
  const before = problems.errors;
  const secrets = secretNames(draft, operatorVersion);
  for (const [name, written] of draft.parameters) {
    const parameter = findParameter(operatorVersion, name);
    if (!parameter) reportUnknown(name, written, operatorVersion, problems);
    else reportInvalid(parameter, written, secrets.has(name), problems);
  }
  for (const parameter of parametersOf(operatorVersion)) {
    if (draft.parameters.has(parameter.name)) continue;
    const why = validateParameter(parameter, '');
    if (why === undefined) continue;
    const hint = `set it under spec.parameters of ${draft.name}`;
    problems.error(draft.position, { id: 'missing-parameter', message: why, hint });
  }
  return problems.errors === before;
}

/** Names of parameters whose values are shown nowhere, by either object's annotation. */
function secretNames(draft: InstanceDraft, operatorVersion: OperatorVersion): ReadonlySet<string> {
  const listed = [
    draft.annotations[ANNOTATION.secretParameters],
    operatorVersion.metadata.annotations?.[ANNOTATION.secretParameters],
  ];
  return new Set(listed.flatMap((names) => names?.split(',').map((name) => name.trim()) ?? []));
}

function reportUnknown(
  name: string,
  written: DraftParameter,
  operatorVersion: OperatorVersion,
  problems: ProblemList,
): void {
  const known = parametersOf(operatorVersion).map((parameter) => parameter.name);
  const message = `${operatorVersion.metadata.name} has no parameter ${name}`;
  const hint = suggestionHint(name, known) ?? `it has: ${known.toSorted().join(', ')}`;
  problems.error(written.position, { id: 'unknown-parameter', message, hint });
}

function reportInvalid(
  parameter: Parameter,
  written: DraftParameter,
  isSecret: boolean,
  problems: ProblemList,
): void {
  const why = validateParameter(parameter, written.value);
  if (why === undefined) return;
  const masked = `parameter ${parameter.name} has an invalid value (secret, not shown)`;
  const type = parameter['value-type'] ?? '';
  problems.error(written.valuePosition, {
    id: 'invalid-parameter',
    message: isSecret ? masked : why,
    hint:
      (isSecret ? undefined : invalidHint(parameter, written.value)) ??
      (type === '' ? undefined : `its type is ${type}`),
  });
}

function invalidHint(parameter: Parameter, value: string): string | undefined {
  if (/^-?[0-9](\.[0-9]+)?e\+[0-9]+$/.test(value) && parameter['value-type'] === 'integer') {
    return 'KUDO writes large unquoted numbers with an exponent: put the number in quotes';
  }
  if (!parameter.enum) return undefined;
  return suggestionHint(value, parameter.enum) ?? allowedHint(parameter.enum);
}

function allowedHint(values: readonly string[]): string {
  if (values.length === 0) return 'its enum is empty, so that no value is allowed';
  const shown = values.slice(0, 20).map((value) => (value === '' ? '""' : value));
  return `allowed: ${shown.join(', ')}`;
}
