/** What a plain YAML scalar means to gopkg.in/yaml.v2, the parser behind kubectl and KUDO (YAML 1.1). */
export type GoScalar =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  /** Looks like a date: read as text, but quoted when written. */
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'string' };

const STRING: GoScalar = { kind: 'string' };

/** Resolves an unquoted scalar as yaml.v2's resolve.go does: `yes` is true, `010` is 8, `08` is a float, `1_000` is 1000. */
export function resolveGoScalar(text: string): GoScalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charAt(0);
  if (first === '.') return FRACTION.test(text) ? float(text) : STRING;
  if (!/[-+0-9]/.test(first)) return STRING;
  if (isTimestamp(text)) return { kind: 'timestamp' };
  return resolveNumber(text.replaceAll('_', ''));
}

const WORDS = new Map<string, GoScalar>([
  ...words({ kind: 'null' }, ['', '~', 'null', 'Null', 'NULL']),
  ...words({ kind: 'boolean', value: true }, [
    'y',
    'Y',
    'yes',
    'Yes',
    'YES',
    'true',
    'True',
    'TRUE',
    'on',
    'On',
    'ON',
  ]),
  ...words({ kind: 'boolean', value: false }, [
    'n',
    'N',
    'no',
    'No',
    'NO',
    'false',
    'False',
    'FALSE',
    'off',
    'Off',
    'OFF',
  ]),
  ...words({ kind: 'float', value: Number.NaN }, ['.nan', '.NaN', '.NAN']),
  ...words({ kind: 'float', value: Number.POSITIVE_INFINITY }, [
    '.inf',
    '.Inf',
    '.INF',
    '+.inf',
    '+.Inf',
    '+.INF',
  ]),
  ...words({ kind: 'float', value: Number.NEGATIVE_INFINITY }, ['-.inf', '-.Inf', '-.INF']),
]);

function words(scalar: GoScalar, spellings: readonly string[]): [string, GoScalar][] {
  return spellings.map((spelling) => [spelling, scalar]);
}

const FRACTION = /^\.[0-9]+([eE][-+]?[0-9]+)?$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

function float(text: string): GoScalar {
  const value = Number(text);
  return Number.isFinite(value) ? { kind: 'float', value } : STRING;
}

function resolveNumber(text: string): GoScalar {
  const integer = parseGoInteger(text);
  if (integer !== undefined) return { kind: 'integer', value: integer };
  return FLOAT.test(text) ? float(text) : STRING;
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** strconv.ParseInt(text, 0, 64), else ParseUint: Go's prefixes 0b, 0o, 0x and a leading 0 for octal. */
function parseGoInteger(text: string): bigint | undefined {
  const match = /^([-+]?)(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', digits = ''] = match;
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (sign === '-') return -magnitude >= MIN_INT64 ? -magnitude : undefined;
  return magnitude <= (sign === '+' ? MAX_INT64 : MAX_UINT64) ? magnitude : undefined;
}

const TIMESTAMP =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+]([0-9]{2}):([0-9]{2})))|(?: ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?))?$/;

/** The four layouts of yaml.v2's allowedTimestampFormats. */
function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (!match) return false;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const [hour, minute, second] = [part(4) + part(9), part(5) + part(10), part(6) + part(11)];
  return isDate(year, month, day) && hour < 24 && minute < 60 && second < 60 && part(8) < 60;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return day <= lastDay;
}
