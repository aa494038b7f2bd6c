import type { FuncMap, TemplateFunc } from '@promptctl/go-template-js';
import { fixed, variadic } from './template-func.ts';
import { GoFloat, goText, plainInt, toFloat64, toInt64 as int } from './template-values.ts';

const float = (value: number): GoFloat => new GoFloat(value);

function extreme(isBetter: (a: bigint, b: bigint) => boolean): TemplateFunc {
  return variadic((...args) => {
    const [first = 0n, ...rest] = args.map(int);
    return plainInt(rest.reduce((best, value) => (isBetter(value, best) ? value : best), first));
  });
}

const largest = extreme((a, b) => a > b);

/** sprig's arithmetic, which takes text for numbers. */
export const NUMBER_FUNCTIONS: FuncMap = {
  int: fixed(1, (value) => plainInt(int(value))),
  int64: fixed(1, (value) => plainInt(int(value))),
  float64: fixed(1, (value) => float(toFloat64(value))),
  add1: fixed(1, (value) => plainInt(int(value) + 1n)),
  add: variadic((...args) => plainInt(args.map(int).reduce((sum, value) => sum + value, 0n))),
  sub: fixed(2, (a, b) => plainInt(int(a) - int(b))),
  div: fixed(2, (a, b) => plainInt(int(a) / divisor(b))),
  mod: fixed(2, (a, b) => plainInt(int(a) % divisor(b))),
  mul: variadic((...args) =>
    plainInt(args.map(int).reduce((product, value) => product * value, 1n)),
  ),
  max: largest,
  biggest: largest,
  min: extreme((a, b) => a < b),
  ceil: fixed(1, (value) => float(Math.ceil(toFloat64(value)))),
  floor: fixed(1, (value) => float(Math.floor(toFloat64(value)))),
  round: variadic((value, places, on) => float(roundAt(toFloat64(value), toFloat64(places), on))),
  until: {
    fn: (count: unknown) => untilStep(0, count, int(count) < 0n ? -1 : 1),
    argTypes: ['int'],
  },
  untilStep: { fn: untilStep, argTypes: ['int', 'int', 'int'] },
  toDecimal: fixed(1, (value) => plainInt(parseOctal(goText(value)))),
};

const MAX_COUNT = 1_000_000n;

/** sprig's untilStep; a list as long as Go would make it is refused. */
function untilStep(from: unknown, to: unknown, by: unknown): (number | bigint)[] {
  const [start, stop, step] = [int(from), int(to), int(by)];
  const isForward = stop >= start;
  if (isForward ? step <= 0n : step >= 0n) return [];
  const count = (stop - start) / step;
  if (count > MAX_COUNT) throw new Error(`makes a list of more than ${MAX_COUNT} numbers`);
  const numbers: (number | bigint)[] = [];
  for (let value = start; isForward ? value < stop : value > stop; value += step)
    numbers.push(plainInt(value));
  return numbers;
}

function divisor(value: unknown): bigint {
  const by = int(value);
  if (by === 0n) throw new Error('runtime error: integer divide by zero');
  return by;
}

function roundAt(value: number, places: number, on: unknown): number {
  const power = 10 ** places;
  const digit = power * value;
  const isUp = digit - Math.trunc(digit) >= (on === undefined ? 0.5 : toFloat64(on));
  return (isUp ? Math.ceil(digit) : Math.floor(digit)) / power;
}

function parseOctal(text: string): bigint {
  return /^[0-7]+$/.test(text) ? BigInt(`0o${text}`) : 0n;
}
