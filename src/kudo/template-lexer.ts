import { TemplateFault } from './template-tree.ts';
import { GoFloat } from './template-values.ts';

/** A piece of a template: text outside of actions, or a token inside of one. */
export type Token = { readonly at: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'word' | 'field' | 'variable' | 'mark'; readonly text: string }
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'space' | 'open' | 'close' }
  | { readonly kind: 'fault'; readonly fault: TemplateFault }
);

/**
 * Cuts a template into tokens by the rules of text/template's lexer. What no token begins with is a
 * `fault`, the last token: what the parser finds before it comes first.
 */
export function lexTemplate(text: string): Token[] {
  const tokens: Token[] = [];
  try {
    readTokens(text, tokens);
  } catch (thrown) {
    if (!(thrown instanceof TemplateFault)) throw thrown;
    tokens.push({ kind: 'fault', at: thrown.at, fault: thrown });
  }
  return tokens;
}

function readTokens(text: string, tokens: Token[]): void {
  let at = 0;
  let trimsNext = false;
  while (at < text.length) {
    const open = text.indexOf('{{', at);
    const end = open < 0 ? text.length : open;
    const trimsBefore = open >= 0 && /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4));
    let outside = text.slice(at, end);
    if (trimsNext) outside = outside.replace(/^[ \t\r\n]+/, '');
    if (trimsBefore) outside = outside.replace(/[ \t\r\n]+$/, '');
    if (outside !== '') tokens.push({ kind: 'text', at, text: outside });
    if (open < 0) break;
    const action = new ActionLexer(text, open, open + (trimsBefore ? 3 : 2));
    action.read(tokens);
    trimsNext = action.trimsAfter;
    at = action.at;
  }
}

const CLOSE = /\}\}/y;
const TRIMMED_CLOSE = /[ \t\r\n]+-\}\}/y;
const SPACE = /[ \t\r\n]+/y;
const NAME = /[\p{L}\p{Nd}_]+/uy;
const VARIABLE = /\$[\p{L}\p{Nd}_]*/uy;
const NUMBER =
  /[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9_]+)?)/y;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y;
const RAW = /`[^`]*`/y;
const RUNE = /'(?:[^'\\\n]|\\[^\n][^'\n]*)'/y;
const MARKS = [':=', '=', ',', '|', '(', ')'];

class ActionLexer {
  readonly #text: string;
  readonly #open: number;
  at: number;
  trimsAfter = false;

  constructor(text: string, open: number, at: number) {
    this.#text = text;
    this.#open = open;
    this.at = at;
  }

  read(tokens: Token[]): void {
    if (this.#skipComment()) return;
    tokens.push({ kind: 'open', at: this.#open });
    while (!this.#close()) tokens.push(this.#token());
    tokens.push({ kind: 'close', at: this.at });
  }

  /** A comment must fill its action alone. */
  #skipComment(): boolean {
    const isTrimmed = this.at > this.#open + 2;
    const start = this.at + Number(isTrimmed);
    if (!this.#text.startsWith('/*', start)) return false;
    const end = this.#text.indexOf('*/', start);
    if (end < 0) throw new TemplateFault('unclosed comment', this.#open);
    this.at = end + 2;
    if (this.#close()) return true;
    throw new TemplateFault('comment ends before closing delimiter', this.#open);
  }

  #close(): boolean {
    this.trimsAfter = this.#take(TRIMMED_CLOSE) !== undefined;
    return this.trimsAfter || this.#take(CLOSE) !== undefined;
  }

  #token(): Token {
    const { at } = this;
    if (at >= this.#text.length) throw new TemplateFault('unclosed action', this.#open);
    if (this.#take(SPACE) !== undefined) return { kind: 'space', at };
    const mark = MARKS.find((candidate) => this.#text.startsWith(candidate, at));
    if (mark !== undefined) {
      this.at += mark.length;
      return { kind: 'mark', at, text: mark };
    }
    return this.#operand(at);
  }

  #operand(at: number): Token {
    const first = this.#text.charAt(at);
    if (first === '"' || first === '`' || first === "'") return this.#quoted(first, at);
    if (first === '.' && !/[0-9]/.test(this.#text.charAt(at + 1))) return this.#field(at);
    const number = this.#take(NUMBER);
    if (number !== undefined) return { kind: 'constant', at, value: this.#number(number, at) };
    const name = this.#take(VARIABLE) ?? this.#take(NAME);
    if (name !== undefined) {
      this.#requireTerminator();
      return { kind: first === '$' ? 'variable' : 'word', at, text: name };
    }
    throw new TemplateFault(`unexpected ${JSON.stringify(first)} in action`, at);
  }

  #field(at: number): Token {
    this.at += 1;
    const text = this.#take(NAME) ?? '';
    this.#requireTerminator();
    return { kind: 'field', at, text };
  }

  /** What may follow a name: `$x=1` is none, `$x:=1` is. */
  #requireTerminator(): void {
    const rest = this.#text.slice(this.at, this.at + 2);
    if (rest !== '' && !/^[ \t\r\n.,|:()]/.test(rest) && rest !== '}}')
      throw new TemplateFault(`bad character ${JSON.stringify(rest.charAt(0))}`, this.at);
  }

  #quoted(quote: string, at: number): Token {
    const pattern = quote === '"' ? QUOTED : quote === '`' ? RAW : RUNE;
    const text = this.#take(pattern);
    if (text === undefined) throw new TemplateFault('unterminated quoted string', at);
    const inner = text.slice(1, -1);
    if (quote === '`') return { kind: 'constant', at, value: inner.replaceAll('\r', '') };
    const value = unescape(inner, at);
    return { kind: 'constant', at, value: quote === '"' ? value : (value.codePointAt(0) ?? 0) };
  }

  #number(text: string, at: number): number | bigint | GoFloat {
    const after = this.#text.charAt(this.at);
    if (/[\p{L}\p{Nd}_.]/u.test(after))
      throw new TemplateFault(`bad number syntax: ${JSON.stringify(text + after)}`, at);
    const bare = text.replaceAll('_', '').replace(/^\+/, '');
    const isHexadecimal = /^-?0[xX]/.test(bare);
    const isFloat = !isHexadecimal && /[.eE]/.test(bare);
    if (isFloat && Number.isFinite(Number(bare))) return new GoFloat(Number(bare));
    if (isFloat) throw new TemplateFault(`illegal number syntax: ${text}`, at);
    const digits = bare.replace('-', '').replace(/^0(?=[0-9])/, '0o');
    if (!/^(0o[0-7]+|0x[0-9a-f]+|0b[01]+|[0-9]+)$/i.test(digits))
      throw new TemplateFault(`illegal number syntax: ${text}`, at);
    const value = bare.startsWith('-') ? -BigInt(digits) : BigInt(digits);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** strconv.Unquote. */
function unescape(text: string, at: number): string {
  return text.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gsu,
    (all: string, ...groups: (string | undefined)[]) => {
      const [x, u, long, octal, simple] = groups;
      const hexadecimal = x ?? u ?? long;
      if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const plain = SIMPLE[simple ?? ''];
      if (plain === undefined) throw new TemplateFault(`invalid escape ${all} in a string`, at);
      return plain;
    },
  );
}
