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

/** Digits after the point as Go rounds them: by the exact value, half to even. */
function fixed(value: number, precision: number): string {
  if (precision > 100) return value.toFixed(100) + '0'.repeat(precision - 100);
  if (value < 1e21) return value.toFixed(precision);
  return `${BigInt(value)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`;
}

function exponent(value: number, precision: number): string {
  return value.toExponential(Math.min(precision, 100)).replace(/e([-+])([0-9])$/, 'e$10$2');
}

/** `%.3g`: the shorter of both ways, without zeros at the end. */
function general(value: number, precision: number): string {
  const digits = Math.max(precision, 1);
  const power = Number(/e([-+][0-9]+)$/.exec(value.toExponential(digits - 1))?.[1]);
  const isLong = power < -4 || power >= Math.max(digits, 1);
  if (!isLong) {
    const text = value.toFixed(Math.min(100, Math.max(0, digits - 1 - power)));
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  }
  return exponent(value, digits - 1).replace(/\.?0+e/, 'e');
}
