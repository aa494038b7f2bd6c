import { TemplateFault } from './template-tree.ts';
import type { Token } from './template-lexer.ts';

/** Goes through the tokens of a template. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;

  /** `end` is the offset to name when the tokens are used up. */
  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  /** Where it stands, to come back to. */
  mark(): number {
    return this.#next;
  }

  reset(mark: number): void {
    this.#next = mark;
  }

  close(context: string): void {
    this.skipSpace();
    if (!this.isClose())
      throw new TemplateFault(`unexpected ${this.shown()} in ${context}`, this.here());
    this.take();
  }

  isClose(): boolean {
    return this.peek()?.kind === 'close';
  }

  takeMark(text: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'mark' || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  peekWord(): string | undefined {
    const token = this.peek();
    return token?.kind === 'word' ? token.text : undefined;
  }

  skipSpace(): boolean {
    if (this.peek()?.kind !== 'space') return false;
    this.#next += 1;
    return true;
  }

  /** The next token; throws where the text makes none. */
  peek(): Token | undefined {
    const token = this.#tokens[this.#next];
    if (token?.kind === 'fault') throw token.fault;
    return token;
  }

  take(): Token | undefined {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  here(): number {
    return this.peek()?.at ?? this.#end;
  }

  shown(): string {
    const token = this.peek();
    return token !== undefined && 'text' in token
      ? JSON.stringify(token.text)
      : (token?.kind ?? 'end');
  }
}
