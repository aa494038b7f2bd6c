/**
 * A regular expression of Go (RE2) as JavaScript's, global. What is written otherwise is translated:
 * `(?P<name>`, `\z`, `\A`, `\pN`, `\Q…\E`, `[[:alpha:]]`, flags at the front. Refused, as by Go: look-around,
 * back-references, possessive and repeated quantifiers. Of two ways to match, both take the leftmost and prefer
 * the first alternative.
 */
export function toRegExp(pattern: string): RegExp {
  const { flags, body } = leadingFlags(pattern);
  let translated = '';
  for (let rest = body; rest !== '';) {
    const [taken, piece] = pieceOf(rest, pattern, flags);
    translated += piece;
    rest = rest.slice(taken);
  }
  try {
    return new RegExp(translated, `gu${flags.replace('U', '')}`);
  } catch (cause) {
    throw refusal(pattern, 'invalid syntax', cause);
  }
}

function refusal(pattern: string, why: string, cause?: unknown): Error {
  return new Error(`error parsing regexp: ${why}: \`${pattern}\``, { cause });
}

/** `(?i)` and the like in front of all; anywhere else Go's groups with flags are not translated. */
function leadingFlags(pattern: string): { flags: string; body: string } {
  const found = /^\(\?([imsU]+)\)/.exec(pattern);
  const flags = [...new Set(found?.[1] ?? '')].join('');
  return { flags, body: pattern.slice(found?.[0].length ?? 0) };
}

type Piece = readonly [taken: number, translated: string];

/** What the next characters are in JavaScript, and how many they were. */
function pieceOf(rest: string, pattern: string, flags: string): Piece {
  if (rest.startsWith('\\')) return escapeOf(rest, pattern);
  if (rest.startsWith('[')) return classOf(rest, pattern);
  if (rest.startsWith('(?')) return groupOf(rest, pattern);
  const quantifier = /^(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})(\??)/.exec(rest);
  if (quantifier)
    return quantifierOf(rest, quantifier, { pattern, isUngreedy: flags.includes('U') });
  if (rest.startsWith('.') && !flags.includes('s')) return [1, '[^\\n]'];
  const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  return [character.length, /[{}\]]/.test(character) ? `\\${character}` : character];
}

function quantifierOf(
  rest: string,
  [all, lazy]: RegExpExecArray,
  { pattern, isUngreedy }: { readonly pattern: string; readonly isUngreedy: boolean },
): Piece {
  if (/^[*+?]/.test(rest.slice(all.length)))
    throw refusal(pattern, 'invalid nested repetition operator');
  const counts = /[0-9]+/g;
  if (all.startsWith('{') && [...all.matchAll(counts)].some(([count]) => Number(count) > 1000))
    throw refusal(pattern, 'invalid repeat count');
  const bare = lazy === '?' ? all.slice(0, -1) : all;
  const isLazy = (lazy === '?') !== isUngreedy;
  return [all.length, isLazy ? `${bare}?` : bare];
}

function groupOf(rest: string, pattern: string): Piece {
  const named = /^\(\?P?<([A-Za-z0-9_]+)>/.exec(rest);
  if (named) return [named[0].length, `(?<${named[1] ?? ''}>`];
  if (rest.startsWith('(?:')) return [3, '(?:'];
  const flagged = /^\(\?[imsU-]+:?/.exec(rest);
  if (flagged)
    throw new Error(`flags inside of a regular expression are not known here: ${pattern}`);
  throw refusal(pattern, 'invalid or unsupported Perl syntax');
}

const TRANSLATED: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  a: '\\x07',
  s: '[\\t\\n\\f\\r ]',
  S: '[^\\t\\n\\f\\r ]',
};

function escapeOf(rest: string, pattern: string): Piece {
  const quoted = /^\\Q([\s\S]*?)(?:\\E|$)/.exec(rest);
  if (quoted) return [quoted[0].length, escaped(quoted[1] ?? '')];
  const property = /^\\([pP])(?:\{(\^?)(\w+)\}|([A-Z]))/.exec(rest);
  if (property) return [property[0].length, propertyOf(property)];
  const code = /^\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(rest);
  if (code) return [code[0].length, `\\u{${code[1] ?? code[2] ?? ''}}`];
  return letterOf(rest, pattern);
}

function letterOf(rest: string, pattern: string): Piece {
  const letter = rest.charAt(1);
  const translated = TRANSLATED[letter];
  if (translated !== undefined) return [2, translated];
  if (/[bBdDwWfnrtv]/.test(letter)) return [2, `\\${letter}`];
  if (letter === '0') return octalOf(rest);
  if (letter === '') throw refusal(pattern, 'trailing backslash at end of expression');
  if (/[A-Za-z0-9]/.test(letter)) throw refusal(pattern, 'invalid escape sequence');
  return [2, escaped(letter)];
}

function octalOf(rest: string): Piece {
  const digits = /^\\([0-7]{1,3})/.exec(rest)?.[1] ?? '0';
  return [digits.length + 1, `\\u{${Number.parseInt(digits, 8).toString(16)}}`];
}

function propertyOf([, sign, not, name, letter]: RegExpExecArray): string {
  const isNegated = (sign === 'P') !== (not === '^');
  const property = letter ?? name ?? '';
  const text = property.length > 2 ? `Script=${property}` : property;
  return `\\${isNegated ? 'P' : 'p'}{${text}}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** A class in brackets; the `]` that comes first is one of its characters. */
function classOf(rest: string, pattern: string): Piece {
  const open = rest.startsWith('[^') ? '[^' : '[';
  let at = open.length;
  let translated = open;
  for (let isFirst = true; isFirst || rest.charAt(at) !== ']'; isFirst = false) {
    if (at >= rest.length) throw refusal(pattern, 'missing closing ]');
    const [taken, piece] = classItem(rest.slice(at), pattern);
    translated += piece;
    at += taken;
  }
  return [at + 1, `${translated}]`];
}

/** RE2's white space knows no vertical tab, and a hyphen may be escaped. */
const CLASS_ESCAPES: Readonly<Record<string, string>> = {
  '\\s': '\\t\\n\\f\\r ',
  '\\S': '\\x00-\\x08\\x0B\\x0E-\\x1F!-\\u{10FFFF}',
  '\\-': '\\-',
};

function classItem(rest: string, pattern: string): Piece {
  const posix = /^\[:(\w+):\]/.exec(rest);
  if (posix) {
    const characters = POSIX[posix[1] ?? ''];
    if (characters === undefined) throw refusal(pattern, 'invalid character class range');
    return [posix[0].length, characters];
  }
  const escape = CLASS_ESCAPES[rest.slice(0, 2)];
  if (escape !== undefined) return [2, escape];
  if (rest.startsWith('\\')) return escapeOf(rest, pattern);
  const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  const isSpecial = /[[\]{}()|/^$.*+?]/.test(character);
  return [character.length, isSpecial ? `\\${character}` : character];
}
