import { parametersOf } from './find-parameter.ts';
import { toGoYaml } from '../lib/go-yaml-emit.ts';
import { parseFirstYamlDocument } from '../lib/go-yaml.ts';
import { goQuote, goValueText } from './go-text.ts';
import type { Instance, OperatorVersion, Parameter, ParameterType } from './objects.ts';

/**
 * A YAML value as KUDO's CLI stores it in an Instance: maps and lists as YAML text, anything else as
 * Go's `%v` prints it, so that an unquoted 1000000 becomes `1e+06` (params/parser.go). Undefined for
 * null, which KUDO refuses.
 */
export function encodeParameter(value: unknown): string | undefined {
  const isList = Array.isArray(value);
  return wrapParameterValue(value, isList || isMap(value) ? 'map' : 'string');
}

/** A value as KUDO stores it for a parameter of `type` (util/convert/convert.go:44-66); undefined is "no value". */
export function wrapParameterValue(
  value: unknown,
  type: ParameterType | '' | undefined,
): string | undefined {
  if (type === 'map' || type === 'array') return toGoYaml(value ?? null);
  return value === null || value === undefined ? undefined : goValueText(value);
}

/** Whether two stored values look the same to templates: by content for maps and lists, else byte for byte. */
export function sameParameterValue(parameter: Parameter, a: string, b: string): boolean {
  if (a === b) return true;
  const type = parameter['value-type'];
  if (type !== 'map' && type !== 'array') return false;
  const [left, right] = [decode(a), decode(b)];
  return left.ok && right.ok && toGoYaml(left.value) === toGoYaml(right.value);
}

/**
 * `.Params` of an Instance's templates: its values, else the defaults; maps and lists decoded, all
 * others text (instance_controller.go:444-465).
 */
export function effectiveParameters(
  operatorVersion: OperatorVersion,
  instance: Pick<Instance, 'spec'>,
):
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly parameter: string; readonly message: string } {
  const given = instance.spec?.parameters ?? {};
  const values = new Map<string, unknown>();
  for (const parameter of parametersOf(operatorVersion)) {
    const { name } = parameter;
    const stored = Object.hasOwn(given, name) ? given[name] : parameter.default;
    const unwrapped = unwrapParameterValue(stored ?? '', parameter['value-type']);
    if (!unwrapped.ok) {
      const message = `parameter ${goQuote(name)} cannot be decoded: ${unwrapped.message}`;
      return { ok: false, parameter: name, message };
    }
    values.set(name, unwrapped.value);
  }
  return { ok: true, values: Object.fromEntries(values) };
}

type Decoded =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** A stored value as templates see it (util/convert/convert.go:27-40). */
export function unwrapParameterValue(
  stored: string,
  type: ParameterType | '' | undefined,
): Decoded {
  if (type !== 'map' && type !== 'array') return { ok: true, value: stored };
  const decoded = decode(stored);
  if (!decoded.ok || type === 'map' || Array.isArray(decoded.value)) return decoded;
  // Go's nil list: templates see it as an empty one.
  if (decoded.value === null) return { ok: true, value: [] };
  return { ok: false, message: 'it is not a list' };
}

function decode(text: string): Decoded {
  const parsed = parseFirstYamlDocument(text);
  if (parsed.ok) return { ok: true, value: parsed.document?.value ?? null };
  const { line, column, message } = parsed.error;
  return { ok: false, message: `line ${line}, column ${column}: ${message}` };
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
