import { goQuote } from './go-text.ts';

/** Why Go's strconv.ParseInt(text, 10, 64) refuses `text`; undefined when it does not. */
export function parseIntError(text: string): string | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return failure('ParseInt', text, 'invalid syntax');
  const value = BigInt(text.replace('+', ''));
  const isInRange = value >= -(2n ** 63n) && value < 2n ** 63n;
  return isInRange ? undefined : failure('ParseInt', text, 'value out of range');
}

/** Why Go's strconv.ParseBool refuses `text`. */
export function parseBoolError(text: string): string | undefined {
  const isBoolean = /^(1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/.test(text);
  return isBoolean ? undefined : failure('ParseBool', text, 'invalid syntax');
}

const SPECIAL = /^([-+]?(inf|infinity)|nan)$/i;
const DECIMAL = /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?$/i;
const HEXADECIMAL = /^[-+]?0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)p[-+]?[0-9]+$/i;

/** Why Go's strconv.ParseFloat(text, 64) refuses `text`. */
export function parseFloatError(text: string): string | undefined {
  if (SPECIAL.test(text)) return undefined;
  const digits = withoutUnderscores(text);
  if (digits === undefined || !(DECIMAL.test(digits) || HEXADECIMAL.test(digits)))
    return failure('ParseFloat', text, 'invalid syntax');
  const magnitude = HEXADECIMAL.test(digits) ? hexadecimalValue(digits) : Math.abs(Number(digits));
  return Number.isFinite(magnitude) ? undefined : failure('ParseFloat', text, 'value out of range');
}

/** Go lets underscores stand between digits or after a base prefix, nowhere else. */
function withoutUnderscores(text: string): string | undefined {
  if (!text.includes('_')) return text;
  const isHexadecimal = /^[-+]?0x/i.test(text);
  const misplaced = isHexadecimal ? /(^|[^0-9a-fx])_|_([^0-9a-f]|$)/i : /(^|[^0-9])_|_([^0-9]|$)/;
  return misplaced.test(text) ? undefined : text.replaceAll('_', '');
}

/** The value of a hexadecimal float such as `0x1p4`; its sign is not looked at. */
export function hexadecimalValue(text: string): number {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^[-+]?0x([0-9a-f]*)\.?([0-9a-f]*)p([-+]?[0-9]+)$/i.exec(text) ?? [];
  const mantissa = Number(BigInt(`0x0${whole}${fraction}`));
  return mantissa === 0 ? 0 : mantissa * 2 ** (Number(exponent) - 4 * fraction.length);
}

function failure(name: string, text: string, why: string): string {
  return `strconv.${name}: parsing ${goQuote(text)}: ${why}`;
}
