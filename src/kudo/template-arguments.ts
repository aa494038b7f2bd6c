import { SIGNATURES, type GoType, type Signature } from './template-signatures.ts';
import { GoFloat, goType, isDict } from './template-values.ts';

/** The parameters of `name`; text/template has checked before that there is such a function. */
export function signatureOf(name: string): Signature {
  return SIGNATURES.get(name) ?? { fixed: [], rest: 'any' };
}

/** Why `count` arguments are not what a function takes; undefined when they are. */
export function countError(
  name: string,
  { fixed, rest }: Signature,
  count: number,
): string | undefined {
  if (rest === undefined ? count === fixed.length : count >= fixed.length) return undefined;
  const wanted = rest === undefined ? fixed.length : `at least ${fixed.length}`;
  return `wrong number of args for ${name}: want ${wanted} got ${count}`;
}

/** The type of the argument at `index`, the last one given when it comes through the pipe. */
export function typeAt({ fixed, rest }: Signature, index: number): GoType {
  return fixed[index] ?? rest ?? 'any';
}

/** A value as a parameter of the type takes it; throws when text/template would not pass it. */
export function asArgument(value: unknown, type: GoType): unknown {
  if (value === undefined && CAN_BE_NIL.has(type)) return type === 'any' ? null : undefined;
  if (value === undefined) throw new Error(`invalid value; expected ${GO_NAMES[type]}`);
  if (FITS[type](value)) return value;
  throw new Error(`wrong type for value; expected ${GO_NAMES[type]}; got ${goType(value)}`);
}

/** A constant as a parameter of the type takes it: `1.0` is an int where one is wanted, and `1` a float. */
export function asConstant(value: unknown, type: GoType): unknown {
  if (type === 'any' || FITS[type](value)) return value;
  const number = asNumber(value, type);
  if (number !== undefined) return number;
  if (value === null && CAN_BE_NIL.has(type)) return undefined;
  throw new Error(`expected ${GO_NAMES[type]}; found ${goType(value)}`);
}

function asNumber(value: unknown, type: GoType): number | GoFloat | undefined {
  if (typeof value !== 'number' && !(value instanceof GoFloat)) return undefined;
  const number = Number(value);
  if (type === 'float64') return new GoFloat(number);
  return type === 'int' && Number.isSafeInteger(number) ? number : undefined;
}

const CAN_BE_NIL: ReadonlySet<GoType> = new Set<GoType>(['any', 'list', 'dict']);

const FITS: Readonly<Record<GoType, (value: unknown) => boolean>> = {
  any: () => true,
  string: (value) => typeof value === 'string',
  int: (value) => typeof value === 'number',
  float64: (value) => value instanceof GoFloat,
  bool: (value) => typeof value === 'boolean',
  list: (value) => goType(value) === GO_NAMES.list,
  dict: (value) => isDict(value) && goType(value) === GO_NAMES.dict,
  time: (value) => value instanceof Date,
  certificate: () => false,
};

const GO_NAMES: Readonly<Record<GoType, string>> = {
  any: 'interface {}',
  string: 'string',
  int: 'int',
  float64: 'float64',
  bool: 'bool',
  list: '[]interface {}',
  dict: 'map[string]interface {}',
  time: 'time.Time',
  certificate: 'sprig.certificate',
};
