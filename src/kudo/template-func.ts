import type { TemplateFunc } from '@promptctl/go-template-js';

/** Arguments of a function of templates. */
export type Values = readonly unknown[];

/** A function of any number of arguments of any type. */
export function variadic(fn: (...args: Values) => unknown): TemplateFunc {
  return { fn, argTypes: ['value'] };
}

/** A function with exactly `count` arguments, as a Go function has. */
export function fixed(count: number, fn: (...args: Values) => unknown): TemplateFunc {
  return variadic((...args) => {
    if (args.length !== count)
      throw new Error(`wrong number of args: want ${count} got ${args.length}`);
    return fn(...args);
  });
}

/** Neither nil nor missing. */
export const present = (value: unknown): boolean => value !== null && value !== undefined;
