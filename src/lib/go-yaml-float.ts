/**
 * A number as Go prints it: `strconv.FormatFloat(value, 'g', -1, bits)`, which is also what `%v` of a
 * float gives: the shortest digits that read back the same, in exponent form below 1e-04 and from
 * 1e+06 on (strconv/ftoa.go).
 */
export function formatGoFloat(value: number, bits: 32 | 64 = 64): string {
  const rounded = bits === 32 ? Math.fround(value) : value;
  if (!Number.isFinite(rounded)) return INFINITE.get(rounded) ?? 'NaN';
  const sign = rounded < 0 || Object.is(rounded, -0) ? '-' : '';
  if (rounded === 0) return `${sign}0`;
  const { digits, exponent } = shortestDigits(Math.abs(rounded), bits);
  const isExponential = exponent < -4 || exponent >= 6;
  return sign + (isExponential ? exponentForm : decimalForm)(digits, exponent);
}

const INFINITE = new Map([
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
]);

function shortestDigits(value: number, bits: 32 | 64): { digits: string; exponent: number } {
  const [mantissa = '', exponent = '0'] = shortestText(value, bits).split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

function shortestText(value: number, bits: 32 | 64): string {
  if (bits === 64) return value.toExponential();
  for (let precision = 0; precision < 9; precision += 1) {
    const text = value.toExponential(precision);
    if (Math.fround(Number(text)) === value) return text.replace(/\.?0+e/, 'e');
  }
  return value.toExponential();
}

function exponentForm(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits.charAt(0)}${fraction}e${exponent < 0 ? '-' : '+'}${magnitude}`;
}

function decimalForm(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
