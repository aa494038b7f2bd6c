import { formatVerb, type Directive } from './template-verbs.ts';
import { goText, goType } from './template-values.ts';

const DIRECTIVE =
  /%([-+# 0]*)(\[[^\]]*\])?(\*|[0-9]*)(?:(\.)(\[[^\]]*\])?(\*|[0-9]*))?(\[[^\]]*\])?([\s\S]?)/gu;

/** Go itself gives up beyond a million. */
const MAX_WIDTH = 1_000_000;

/** Go's fmt.Sprintf, with its `[n]` that choose an argument and its `*` that take a width from one. */
export function goPrintf(format: string, args: readonly unknown[]): string {
  const taken = new ArgumentCursor(args);
  const text = format.replaceAll(DIRECTIVE, (...match) => {
    const parts = match.slice(1, 9) as (string | undefined)[];
    return directiveText(parts, taken);
  });
  return text + taken.extra();
}

function directiveText(parts: readonly (string | undefined)[], args: ArgumentCursor): string {
  const [flags = '', widthIndex, width = '', point, precisionIndex, precision = '', index, verb] =
    parts;
  const wide = args.number(widthIndex, width);
  const exact = args.number(precisionIndex, precision);
  args.choose(index);
  if (verb === undefined || verb === '') return '%!(NOVERB)';
  if (verb === '%') return '%';
  const problem = args.problem();
  if (problem !== undefined) return `%!${verb}(${problem})`;
  const directive: Directive = {
    flags: wide < 0 ? `${flags}-` : flags,
    width: Math.min(Math.abs(wide), MAX_WIDTH),
    precision: point === undefined ? undefined : Math.min(exact, MAX_WIDTH),
    verb,
  };
  return formatVerb(directive, args.next());
}

class ArgumentCursor {
  readonly #args: readonly unknown[];
  #next = 0;
  #isReordered = false;
  #isBad = false;

  constructor(args: readonly unknown[]) {
    this.#args = args;
  }

  /** `[2]` makes the second argument the next one. */
  choose(index: string | undefined): void {
    if (index === undefined) return;
    this.#isReordered = true;
    const number = Number(/^\[([0-9]+)\]$/.exec(index)?.[1] ?? 0);
    this.#isBad = number < 1 || number > this.#args.length;
    if (!this.#isBad) this.#next = number - 1;
  }

  problem(): string | undefined {
    if (this.#isBad) return 'BADINDEX';
    return this.#next < this.#args.length ? undefined : 'MISSING';
  }

  next(): unknown {
    const value = this.#args[this.#next];
    this.#next += 1;
    return value;
  }

  /** A width or precision: written, or for `*` the next argument. */
  number(index: string | undefined, text: string): number {
    this.choose(index);
    if (text !== '*') return Number(text);
    const value = this.next();
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0;
  }

  /** What Go says about arguments that no directive took. */
  extra(): string {
    if (this.#isReordered || this.#next >= this.#args.length) return '';
    const left = this.#args.slice(this.#next).map(typedText);
    return `%!(EXTRA ${left.join(', ')})`;
  }
}

function typedText(value: unknown): string {
  const isNil = value === null || value === undefined;
  return isNil ? '<nil>' : `${goType(value)}=${goText(value)}`;
}

/** Go's fmt.Sprint: a space between two values of which neither is text. */
export function goPrint(args: readonly unknown[]): string {
  return args
    .map((arg, index) => {
      const needsSpace =
        index > 0 && typeof arg !== 'string' && typeof args[index - 1] !== 'string';
      return `${needsSpace ? ' ' : ''}${goText(arg)}`;
    })
    .join('');
}
