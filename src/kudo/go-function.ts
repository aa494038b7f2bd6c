import type { ArgType, TemplateFunc } from '@promptctl/go-template-js';
import { GoFloat, goType, isDict } from './template-values.ts';

/** A function of templates. Its arguments are asked for one by one, so that `and` and `or` may stop early. */
export type GoFunction = (args: readonly (() => unknown)[]) => unknown;

/** A function that takes its values at once. */
export function eager(call: (...args: readonly unknown[]) => unknown): GoFunction {
  return (args) => call(...args.map((arg) => arg()));
}

/** A function of the template library, which tells Go's types of its parameters. */
export function libraryFunction({ fn, argTypes, argTypePattern }: TemplateFunc): GoFunction {
  const call = fn as (...args: unknown[]) => unknown;
  const typeAt = (index: number): ArgType | undefined =>
    argTypePattern === 'alternating'
      ? argTypes[index % argTypes.length]
      : (argTypes[index] ?? argTypes.at(-1));
  return eager((...args) => {
    for (const [index, arg] of args.entries()) checkArgument(typeAt(index), arg);
    return call(...args);
  });
}

const FITS: Readonly<Partial<Record<ArgType, (value: unknown) => boolean>>> = {
  string: (value) => typeof value === 'string',
  int: (value) => typeof value === 'bigint' || Number.isInteger(value),
  float: (value) => value instanceof GoFloat || typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  list: (value) => Array.isArray(value),
  dict: isDict,
};

const GO_NAMES: Readonly<Partial<Record<ArgType, string>>> = {
  float: 'float64',
  list: '[]interface {}',
  dict: 'map[string]interface {}',
};

function checkArgument(type: ArgType | undefined, value: unknown): void {
  if (type === undefined || FITS[type]?.(value) !== false) return;
  throw new Error(`wrong type for value; expected ${GO_NAMES[type] ?? type}; got ${goType(value)}`);
}
