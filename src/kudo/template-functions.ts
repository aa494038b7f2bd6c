import type { FuncMap } from '@promptctl/go-template-js';
import { fixed, variadic } from './template-func.ts';
import { LIST_FUNCTIONS } from './template-lists.ts';
import { NUMBER_FUNCTIONS } from './template-numbers.ts';
import { TEXT_FUNCTIONS } from './template-texts.ts';
import { goKind, goText, goType, isTrue } from './template-values.ts';

/**
 * The functions of KUDO's templates that the template library does otherwise than Go and sprig 2.22, or
 * lacks: sprig's casts from text to numbers, Go's way to print, compare and encode.
 */
export function goFunctions(): FuncMap {
  return { ...NUMBER_FUNCTIONS, ...TEXT_FUNCTIONS, ...LIST_FUNCTIONS, ...TYPES, ...COMPARISONS };
}

const TYPES: FuncMap = {
  typeOf: fixed(1, goType),
  kindOf: fixed(1, goKind),
  kindIs: fixed(2, (kind, value) => kind === goKind(value)),
  typeIs: fixed(2, (type, value) => type === goType(value)),
  typeIsLike: fixed(2, (type, value) => type === goType(value) || type === `*${goType(value)}`),
  call: variadic(() => {
    throw new Error('non-function');
  }),
};

const COMPARISONS: FuncMap = {
  not: fixed(1, (value) => !isTrue(value)),
  eq: variadic((first, ...rest) => {
    if (rest.length === 0) throw new Error('missing argument for comparison');
    return rest.some((other) => isEqual(first, other));
  }),
  ne: fixed(2, (a, b) => !isEqual(a, b)),
  lt: fixed(2, (a, b) => order(a, b) < 0),
  le: fixed(2, (a, b) => order(a, b) <= 0),
  gt: fixed(2, (a, b) => order(a, b) > 0),
  ge: fixed(2, (a, b) => order(a, b) >= 0),
};

function basicKind(value: unknown): string {
  const kind = goKind(value);
  return kind === 'int64' ? 'int' : kind;
}

function isEqual(a: unknown, b: unknown): boolean {
  const [left, right] = [basicKind(a), basicKind(b)];
  if (left === 'invalid' || right === 'invalid') return left === right;
  if (left === 'map' || left === 'slice' || right === 'map' || right === 'slice')
    throw new Error('non-comparable type');
  if (left !== right) throw new Error('incompatible types for comparison');
  return goText(a) === goText(b);
}

function order(a: unknown, b: unknown): number {
  const [left, right] = [basicKind(a), basicKind(b)];
  if (left !== right) throw new Error('incompatible types for comparison');
  if (left === 'string') return (a as string) < (b as string) ? -1 : Number(a !== b);
  if (left !== 'int' && left !== 'float64') throw new Error('invalid type for comparison');
  return Number(a) - Number(b);
}
