import type { Problem } from '../model/problem.ts';
import { findParameter } from './find-parameter.ts';
import { finding } from './lint-findings.ts';
import type { PackageView, Placed } from './lint-package-view.ts';
import type { Parameter } from './objects.ts';
import type { PackageParameter } from './package-file.ts';
import { wrapParameterValue } from './parameter-values.ts';
import { validateParameter } from './validate-parameter.ts';

type PlacedParameter = Placed<PackageParameter>;

/** What params.yaml says: parameters one by one and among each other, and their groups. */
export function lintParameters(view: PackageView): Problem[] {
  return [
    ...view.parameters.flatMap((parameter) => [
      ...nameFindings(parameter),
      ...valueFindings(parameter, view),
      ...ruleFindings(parameter),
    ]),
    ...duplicates(view.parameters),
    ...triggerFindings(view),
    ...groupFindings(view),
  ];
}

function nameFindings({ name, at }: PlacedParameter): Problem[] {
  if (name === '') return [finding('parameter-name', at(), 'a parameter has no name')];
  if (/[;,]/.test(name)) {
    const message = `the name of parameter ${name} has "," or ";" in it`;
    return [finding('parameter-name', at('name'), message)];
  }
  if (/^[\p{L}\p{Nd}_]+$/u.test(name)) return [];
  const message = `templates cannot write .Params.${name}`;
  return [finding('parameter-name-awkward', at('name'), message)];
}

const TYPES = ['', 'string', 'integer', 'number', 'boolean', 'array', 'map'];

function valueFindings(parameter: PlacedParameter, { version, source }: PackageView): Problem[] {
  const { name, type } = parameter;
  if (!TYPES.includes(type)) {
    const message = `parameter ${name} has the unknown type ${JSON.stringify(type)}`;
    return [finding('parameter-type-unknown', parameter.at('type'), message)];
  }
  const stored = findParameter(version, name);
  if (stored === undefined) return [];
  const index = (source.params.parameters ?? []).findIndex((other) => other.name === name);
  const text = source.paramsDocument?.textOf(['parameters', index, 'default']);
  return [...defaultFindings(parameter, stored, text), ...enumFindings(parameter, stored)];
}

function defaultFindings(
  parameter: PlacedParameter,
  stored: Parameter,
  text: string | undefined,
): Problem[] {
  const { name, default: written } = parameter;
  if (written === null || written === undefined) return [];
  const value = stored.default ?? '';
  const why = validateParameter(stored, value);
  if (why !== undefined) {
    const message = `the default of parameter ${name} is refused: ${why}`;
    return [finding('parameter-default', parameter.at('default'), message)];
  }
  const isLiteral = typeof written === 'number' || typeof written === 'boolean';
  if (!isLiteral || text === undefined || text === value.trim()) return [];
  const message = `the default ${text} of parameter ${name} becomes ${JSON.stringify(value.trim())}`;
  const cure = `write ${JSON.stringify(text)} in quotes if that is meant`;
  return [finding('parameter-default-text', parameter.at('default'), message, cure)];
}

function enumFindings(parameter: PlacedParameter, stored: Parameter): Problem[] {
  const { name, enum: allowed, type } = parameter;
  if (allowed === null) return [];
  if (allowed.length === 0) {
    const message = `the enum of parameter ${name} allows nothing`;
    return [finding('parameter-enum-empty', parameter.at('enum'), message)];
  }
  return allowed.flatMap((value, index) => {
    const text = wrapParameterValue(value, type);
    const why = text === undefined ? undefined : validateParameter({ ...stored, enum: null }, text);
    if (why === undefined) return [];
    const message = `the enum of parameter ${name} has a value that its type refuses: ${why}`;
    return [finding('parameter-enum-value', parameter.at('enum', index), message)];
  });
}

function ruleFindings(parameter: PlacedParameter): Problem[] {
  const { name, immutable, required, advanced, trigger } = parameter;
  const hasDefault = parameter.default !== null && parameter.default !== undefined;
  const found: Problem[] = [];
  if (immutable && !required && !hasDefault) {
    const message = `parameter ${name} is immutable, but neither required nor with a default`;
    found.push(finding('parameter-immutable-open', parameter.at('immutable'), message));
  }
  if (advanced === true && required && !hasDefault) {
    const message = `parameter ${name} is advanced, but required and without a default`;
    found.push(finding('parameter-advanced-required', parameter.at('advanced'), message));
  }
  if (immutable && trigger !== '') {
    const message = `parameter ${name} never changes, so its trigger ${trigger} never runs`;
    found.push(finding('trigger-immutable', parameter.at('trigger'), message));
  }
  return found;
}

function duplicates(parameters: readonly PlacedParameter[]): Problem[] {
  const seen = new Map<string, string>();
  return parameters.flatMap(({ name, at }) => {
    const before = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (before === undefined || name === '') return [];
    const message =
      before === name
        ? `parameter ${name} is defined twice`
        : `parameters ${before} and ${name} differ in case only`;
    return [finding('parameter-duplicate', at('name'), message)];
  });
}

function triggerFindings({ parameters, plans }: PackageView): Problem[] {
  const known = plans.map(({ name }) => name);
  return parameters.flatMap(({ name, trigger, at }) => {
    if (trigger === '' || known.includes(trigger)) return [];
    const message = `parameter ${name} triggers the plan ${trigger}, which is not there`;
    const cure = `add the plan, or write one of ${known.join(', ')}`;
    return [finding('trigger-plan-missing', at('trigger'), message, cure)];
  });
}

function groupFindings({ parameters, groups }: PackageView): Problem[] {
  const names = groups.map(({ name }) => name);
  const used = new Set(parameters.map(({ group }) => group));
  return [
    ...groups.flatMap(({ name, at }, index) => [
      ...(name.includes('/')
        ? [finding('group-name', at('name'), `the name of group ${name} has a "/" in it`)]
        : []),
      ...(names.indexOf(name) < index
        ? [finding('group-duplicate', at('name'), `group ${name} is defined twice`)]
        : []),
      ...(used.has(name)
        ? []
        : [finding('group-unused', at('name'), `no parameter is in group ${name}`)]),
    ]),
    ...parameters.flatMap(({ name, group, at }) => {
      if (group === '' || names.includes(group)) return [];
      const message = `parameter ${name} is in the group ${group}, which is not defined`;
      return [finding('group-undefined', at('group'), message)];
    }),
  ];
}
