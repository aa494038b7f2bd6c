import type { GoFunction } from './go-function.ts';
import { DECODERS } from './template-base-encodings.ts';
import { CASE_FUNCTIONS } from './template-cases.ts';
import { satisfies } from './template-constraints.ts';
import { DICT_FUNCTIONS } from './template-dicts.ts';
import { isNilSlice } from './template-go-types.ts';
import { LIST_FUNCTIONS } from './template-lists.ts';
import { NUMBER_FUNCTIONS } from './template-numbers.ts';
import { REGEXP_FUNCTIONS } from './template-regexps.ts';
import { STRING_FUNCTIONS } from './template-strings.ts';
import { TEXT_FUNCTIONS } from './template-texts.ts';
import { URL_FUNCTIONS } from './template-urls.ts';
import { parseVersion } from './template-version.ts';
import { deepEqual } from './template-equality.ts';
import { goKind, goText, goType, isTrue } from './template-values.ts';

/**
 * The functions of KUDO's templates that the template library does otherwise than Go and sprig 2.22, or
 * lacks: sprig's casts from text to numbers, Go's types and its way to print, compare and encode.
 */
export function goFunctions(): Readonly<Record<string, GoFunction>> {
  return {
    ...NUMBER_FUNCTIONS,
    ...TEXT_FUNCTIONS,
    ...STRING_FUNCTIONS,
    ...CASE_FUNCTIONS,
    ...DECODERS,
    ...REGEXP_FUNCTIONS,
    ...LIST_FUNCTIONS,
    ...DICT_FUNCTIONS,
    ...URL_FUNCTIONS,
    ...TYPES,
    ...DEFAULTS,
    ...COMPARISONS,
  };
}

const TYPES: Readonly<Record<string, GoFunction>> = {
  typeOf: goType,
  kindOf: goKind,
  kindIs: (kind, value) => kind === goKind(value),
  typeIs: (type, value) => type === goType(value),
  typeIsLike: (type, value) => type === goType(value) || `*${type as string}` === goType(value),
  semver: (text) => parseVersion(text as string),
  semverCompare: (constraint, version) => satisfies(constraint as string, version as string),
  call: () => {
    throw new Error('non-function: templates of KUDO have no value that can be called');
  },
};

const DEFAULTS: Readonly<Record<string, GoFunction>> = {
  default: (otherwise, ...given) => (isTrue(given[0]) ? given[0] : otherwise),
  empty: (value) => !isTrue(value),
  coalesce: (...values) => values.find((value) => isTrue(value)),
  ternary: (yes, no, isYes) => (isYes === true ? yes : no),
};

const COMPARISONS: Readonly<Record<string, GoFunction>> = {
  not: (value) => !isTrue(value),
  deepEqual,
  eq: (first, ...rest) => {
    if (rest.length === 0) throw new Error('missing argument for comparison');
    return rest.some((other) => isEqual(first, other));
  },
  ne: (a, b) => !isEqual(a, b),
  lt: (a, b) => order(a, b) < 0,
  le: (a, b) => order(a, b) <= 0,
  gt: (a, b) => order(a, b) > 0,
  ge: (a, b) => order(a, b) >= 0,
};

const BASIC: Readonly<Record<string, string>> = {
  bool: 'bool',
  int: 'int',
  int64: 'int',
  float64: 'float64',
  string: 'string',
};

function isEqual(a: unknown, b: unknown): boolean {
  const [left, right] = [goKind(a), goKind(b)];
  const basic = BASIC[left];
  if (basic !== BASIC[right]) {
    if (left === 'invalid' || right === 'invalid') return false;
    throw new Error(`incompatible types for comparison: ${goType(a)} and ${goType(b)}`);
  }
  if (basic === 'int') return BigInt(a as number) === BigInt(b as number);
  if (basic !== undefined) return goText(a) === goText(b);
  return isSame(a, b);
}

/** Values of no basic kind: one of them must be nil, or the two of a type that Go compares. */
function isSame(a: unknown, b: unknown): boolean {
  const [left, right] = [goKind(a), goKind(b)];
  if (left !== right && left !== 'invalid' && right !== 'invalid')
    throw new Error(`non-comparable types ${goType(a)} and ${goType(b)}`);
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (left === 'slice' || left === 'map') throw new Error(`non-comparable type ${goType(b)}`);
  return left === 'ptr' ? a === b : deepEqual(a, b);
}

function isNil(value: unknown): boolean {
  return value === null || value === undefined || isNilSlice(value);
}

function order(a: unknown, b: unknown): number {
  const [left, right] = [BASIC[goKind(a)], BASIC[goKind(b)]];
  if (left === undefined || right === undefined) throw new Error('invalid type for comparison');
  if (left !== right)
    throw new Error(`incompatible types for comparison: ${goType(a)} and ${goType(b)}`);
  if (left === 'bool') throw new Error('invalid type for comparison');
  if (left === 'string') return (a as string) < (b as string) ? -1 : Number(a !== b);
  if (left === 'float64') return Number(a) - Number(b);
  const [first, second] = [BigInt(a as number), BigInt(b as number)];
  return first < second ? -1 : Number(first > second);
}
