import { formatGoFloat } from '../lib/go-yaml-float.ts';

/** A float that is not negative, for a verb of floats; undefined for other verbs. */
export function floatText(
  verb: string,
  precision: number | undefined,
  value: number,
): string | undefined {
  const form = FORMS[verb.toLowerCase()];
  const isKnown = form !== undefined && !/[VB]/.test(verb);
  if (!isKnown) return undefined;
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : 'Inf';
  const text = form(value, precision);
  return verb === 'F' || verb === verb.toLowerCase() ? text : text.toUpperCase();
}

type Form = (value: number, precision: number | undefined) => string;

const shortest: Form = (value, precision) =>
  precision === undefined ? formatGoFloat(value) : general(value, precision);

const FORMS: Readonly<Record<string, Form>> = {
  v: shortest,
  g: shortest,
  f: (value, precision) => fixed(value, precision ?? 6),
  e: (value, precision) => exponent(value, precision ?? 6),
  b: binary,
  x: hexadecimal,
};

/** The 53 bits of a float's mantissa and the power of two behind them. */
function partsOf(value: number): { mantissa: bigint; power: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const power = Number((bits >> 52n) & 0x7ffn);
  const mantissa = bits & 0xfffffffffffffn;
  return power === 0
    ? { mantissa, power: -1074 }
    : { mantissa: mantissa | 0x10000000000000n, power: power - 1075 };
}

function binary(value: number): string {
  const { mantissa, power } = partsOf(value);
  return `${mantissa}p${power < 0 ? '' : '+'}${power}`;
}

/** `0x1.4p+01`; halves round to even. */
function hexadecimal(value: number, precision: number | undefined): string {
  if (value === 0) return `0x0${precision ? `.${'0'.repeat(precision)}` : ''}p+00`;
  let { mantissa, power } = partsOf(value);
  for (; mantissa < IMPLICIT; power -= 1) mantissa <<= 1n;
  const digits = Math.min(precision ?? 13, 13);
  const rounded = roundedTo(mantissa, BigInt(4 * (13 - digits)));
  const isCarried = rounded >= 2n * IMPLICIT;
  const bits = (isCarried ? rounded >> 1n : rounded) % IMPLICIT;
  const all = bits.toString(16).padStart(13, '0');
  const fraction =
    precision === undefined ? all.replace(/0+$/, '') : all.slice(0, digits).padEnd(precision, '0');
  return `0x1${fraction === '' ? '' : `.${fraction}`}p${powerText(power + 52 + Number(isCarried))}`;
}

const IMPLICIT = 1n << 52n;

function roundedTo(mantissa: bigint, dropped: bigint): bigint {
  const [kept, rest] = [mantissa >> dropped, mantissa % (1n << dropped)];
  const half = (1n << dropped) >> 1n;
  const isUp = rest > half || (dropped > 0n && rest === half && kept % 2n === 1n);
  return (kept + BigInt(isUp)) << dropped;
}

function powerText(power: number): string {
  return `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Digits after the point, rounded by the exact value; halves to even, as Go does and JavaScript does not. */
function fixed(value: number, precision: number): string {
  const digits = String(scaled(value, precision)).padStart(precision + 1, '0');
  const point = digits.length - precision;
  return precision === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** `value * 10 ** power` as an integer. */
function scaled(value: number, power: number): bigint {
  const { mantissa, power: binaryPower } = partsOf(value);
  const numerator = mantissa * 10n ** BigInt(Math.max(power, 0));
  const denominator = 10n ** BigInt(Math.max(-power, 0));
  return binaryPower >= 0
    ? quotient(numerator << BigInt(binaryPower), denominator)
    : quotient(numerator, denominator << BigInt(-binaryPower));
}

function quotient(numerator: bigint, denominator: bigint): bigint {
  const [whole, rest] = [numerator / denominator, numerator % denominator];
  const isUp = 2n * rest > denominator || (2n * rest === denominator && whole % 2n === 1n);
  return whole + BigInt(isUp);
}

function exponent(value: number, precision: number): string {
  const [digits, power] = decimal(value, precision);
  const fraction = digits.slice(1);
  return `${digits.charAt(0)}${fraction === '' ? '' : `.${fraction}`}e${powerText(power)}`;
}

/** The first digits of a number, one more than `precision`, and the power of ten of the first. */
function decimal(value: number, precision: number): readonly [string, number] {
  if (value === 0) return ['0'.repeat(precision + 1), 0];
  const power = Number(/e([-+][0-9]+)$/.exec(value.toExponential())?.[1]);
  const digits = String(scaled(value, precision - power));
  return digits.length > precision + 1 ? [digits.slice(0, -1), power + 1] : [digits, power];
}

/** `%.3g`: the shorter of both ways, without zeros at the end. */
function general(value: number, precision: number): string {
  const count = Math.max(precision, 1);
  const [, power] = decimal(value, count - 1);
  if (power < -4 || power >= count)
    return exponent(value, count - 1).replace(/\.0+e|(\.[0-9]*?)0+e/, '$1e');
  const text = fixed(value, count - 1 - power);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
