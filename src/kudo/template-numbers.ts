import type { GoFunction } from './go-function.ts';
import { typed } from './template-go-types.ts';
import { GoFloat, goText, toFloat64, toInt, toInt64 } from './template-values.ts';

/** sprig's arithmetic, which takes text for numbers. What Go calls int is a number, int64 a bigint. */
export const NUMBER_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  int: toInt,
  int64: toInt64,
  atoi: (text) => parseInteger(text as string),
  float64: (value) => new GoFloat(toFloat64(value)),
  add1: (value) => wrap(toInt64(value) + 1n),
  add: (...args) => wrap(args.map(toInt64).reduce((sum, value) => sum + value, 0n)),
  sub: (a, b) => wrap(toInt64(a) - toInt64(b)),
  div: (a, b) => wrap(toInt64(a) / divisor(b)),
  mod: (a, b) => toInt64(a) % divisor(b),
  mul: (...args) => wrap(args.map(toInt64).reduce((product, value) => product * value, 1n)),
  max: (...args) => largest(args),
  biggest: (...args) => largest(args),
  min: (...args) => args.map(toInt64).reduce((best, value) => (value < best ? value : best)),
  ceil: (value) => new GoFloat(Math.ceil(toFloat64(value))),
  floor: (value) => new GoFloat(Math.floor(toFloat64(value))),
  round: (value, places, on) =>
    new GoFloat(roundAt(toFloat64(value), Number(places), on === undefined ? 0.5 : Number(on))),
  until: (count) => untilStep(0, count as number, (count as number) < 0 ? -1 : 1),
  untilStep: (start, stop, step) => untilStep(start as number, stop as number, step as number),
  toDecimal: (value) => parseOctal(goText(value)),
};

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

function largest(args: readonly unknown[]): bigint {
  return args.map(toInt64).reduce((best, value) => (value > best ? value : best));
}

const MAX_COUNT = 1_000_000;

/** sprig's untilStep; a list as long as Go would make it is refused. */
function untilStep(start: number, stop: number, step: number): number[] {
  const isForward = stop >= start;
  const isEmpty = isForward ? step <= 0 : step >= 0;
  const count = isEmpty ? 0 : Math.ceil((stop - start) / step);
  if (count > MAX_COUNT) throw new Error(`makes a list of more than ${MAX_COUNT} numbers`);
  return typed(
    Array.from({ length: count }, (_, index) => start + index * step),
    '[]int',
  );
}

/** strconv.Atoi, whose error sprig drops: what is too large stays the largest there is. */
function parseInteger(text: string): number | bigint {
  if (!/^[-+]?[0-9]+$/.test(text)) return 0;
  const value = BigInt(text.replace('+', ''));
  if (Number.isSafeInteger(Number(value))) return Number(value);
  const limit = 2n ** 63n;
  if (value >= limit) return limit - 1n;
  return value < -limit ? -limit : value;
}

function divisor(value: unknown): bigint {
  const by = toInt64(value);
  if (by === 0n) throw new Error('runtime error: integer divide by zero');
  return by;
}

function roundAt(value: number, places: number, on: number): number {
  const power = 10 ** places;
  const digit = power * value;
  const isUp = digit - Math.trunc(digit) >= on;
  return (isUp ? Math.ceil(digit) : Math.floor(digit)) / power;
}

function parseOctal(text: string): bigint {
  if (!/^[-+]?[0-7]+$/.test(text)) return 0n;
  const value = BigInt(`0o${text.replace(/^[-+]/, '')}`) * (text.startsWith('-') ? -1n : 1n);
  return value === wrap(value) ? value : 0n;
}
