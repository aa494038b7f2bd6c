import { parseBoolError, parseFloatError, parseIntError } from './go-numbers.ts';
import { goQuote, goValueText } from './go-text.ts';
import type { Parameter } from './objects.ts';
import { unwrapParameterValue } from './parameter-values.ts';

/** Why KUDO refuses `value` (empty when unset) for the parameter, in its words; undefined when it does not. */
export function validateParameter(parameter: Parameter, value: string): string | undefined {
  const name = goQuote(parameter.name);
  if (parameter.required === true && !hasDefault(parameter) && value === '')
    return `parameter ${name} is required but has no value set`;
  if (value === '') return undefined;
  const why = typeError(parameter['value-type'] ?? '', value) ?? enumError(parameter, value);
  return why === undefined
    ? undefined
    : `parameter ${name} has an invalid value ${goQuote(value)}: ${why}`;
}

/** Whether the parameter has a default; an empty one counts. */
export function hasDefault(parameter: Parameter): parameter is Parameter & { default: string } {
  return parameter.default !== undefined && parameter.default !== null;
}

const SCALAR_ERRORS: Readonly<Record<string, (value: string) => string | undefined>> = {
  integer: parseIntError,
  number: parseFloatError,
  boolean: parseBoolError,
};

/** ValidateParameterValueForType of parameter_types_helpers.go, for text; an unknown type is not checked. */
function typeError(type: string, value: string): string | undefined {
  if (type === 'array' || type === 'map') {
    return isCollection(type, value)
      ? undefined
      : `type is ${goQuote(type)}, but format of ${value} is invalid`;
  }
  const cause = SCALAR_ERRORS[type]?.(value);
  if (cause === undefined) return undefined;
  return `type is ${goQuote(type)} but format of ${goQuote(value)} is invalid: ${cause}`;
}

function isCollection(type: 'array' | 'map', text: string): boolean {
  const decoded = unwrapParameterValue(text, type);
  if (!decoded.ok) return false;
  return typeof decoded.value === 'object' && (type === 'array' || !Array.isArray(decoded.value));
}

function enumError(parameter: Parameter, value: string): string | undefined {
  const allowed = parameter.enum;
  if (allowed === undefined || allowed === null || allowed.includes(value)) return undefined;
  return `value is ${goQuote(value)}, but only allowed values are ${goValueText(allowed)}`;
}
