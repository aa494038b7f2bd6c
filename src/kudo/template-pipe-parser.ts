import type { Token } from './template-lexer.ts';
import { TemplateFault, type Command, type Pipe, type Word } from './template-tree.ts';
import type { TokenCursor } from './token-cursor.ts';

const MAX_DEPTH = 200;

/** Parses what stands inside of actions, and knows the variables that are declared so far. */
export class PipeParser {
  readonly #cursor: TokenCursor;
  readonly #isFunction: (name: string) => boolean;
  #variables = ['$'];
  #depth = 0;

  constructor(cursor: TokenCursor, isFunction: (name: string) => boolean) {
    this.#cursor = cursor;
    this.#isFunction = isFunction;
  }

  /** Variables that `parse` meets end with it; with `isSeparate` it sees none but `$`. */
  scoped<T>(at: number, isSeparate: boolean, parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new TemplateFault('nested too deeply', at);
    const known = this.#variables;
    this.#variables = isSeparate ? ['$'] : [...known];
    const result = parse();
    this.#variables = known;
    this.#depth -= 1;
    return result;
  }

  /** A pipeline and the end of its action. */
  pipeToClose(context: string): Pipe {
    const pipe = this.#pipe(context);
    this.#cursor.close(context);
    return pipe;
  }

  #pipe(context: string): Pipe {
    this.#cursor.skipSpace();
    const at = this.#cursor.here();
    const { variables, isAssignment } = this.#declaration(context);
    this.#variables.push(...variables);
    const commands: Command[] = [];
    for (this.#cursor.skipSpace(); !this.#isEnd(); this.#cursor.skipSpace()) {
      commands.push(this.#command(commands.length > 0));
      this.#cursor.skipSpace();
      this.#cursor.takeMark('|');
    }
    if (commands.length === 0)
      throw new TemplateFault(`missing value for ${context}`, this.#cursor.here());
    return { at, variables, isAssignment, commands };
  }

  /** `$x :=`, `$x =` or, for range, `$i, $x :=`; a variable without any of these begins a command. */
  #declaration(context: string): { variables: string[]; isAssignment: boolean } {
    const variables: string[] = [];
    for (;;) {
      this.#cursor.skipSpace();
      const token = this.#cursor.peek();
      if (token?.kind !== 'variable') break;
      const start = this.#cursor.mark();
      this.#cursor.take();
      this.#cursor.skipSpace();
      const isAssignment = this.#cursor.takeMark('=');
      if (isAssignment || this.#cursor.takeMark(':='))
        return { variables: [...variables, token.text], isAssignment };
      if (!this.#cursor.takeMark(',')) {
        this.#cursor.reset(start);
        break;
      }
      variables.push(token.text);
      this.#requireRoomFor(context, variables.length);
    }
    return { variables, isAssignment: false };
  }

  /** What may follow the comma behind the first variable of a range: another one, or nothing. */
  #requireRoomFor(context: string, count: number): void {
    this.#cursor.skipSpace();
    if (context !== 'range' || count > 1)
      throw new TemplateFault(`too many declarations in ${context}`, this.#cursor.here());
    if (this.#cursor.peek()?.kind !== 'variable' && !this.#isEnd())
      throw new TemplateFault('range can only initialize variables', this.#cursor.here());
  }

  #command(isPiped: boolean): Command {
    const at = this.#cursor.here();
    const words: Word[] = [];
    for (let word = this.#word(); word !== undefined; word = this.#word()) {
      words.push(word);
      if (!this.#cursor.skipSpace() && !this.#endsCommand())
        throw new TemplateFault(
          `unexpected ${this.#cursor.shown()} in operand`,
          this.#cursor.here(),
        );
    }
    const [first] = words;
    if (first === undefined)
      throw new TemplateFault(`unexpected ${this.#cursor.shown()} in a pipeline`, at);
    if (isPiped && (first.kind === 'constant' || first.kind === 'nil' || first.kind === 'dot'))
      throw new TemplateFault('non executable command in pipeline', first.at);
    return { at, words };
  }

  #endsCommand(): boolean {
    const token = this.#cursor.peek();
    return this.#isEnd() || (token?.kind === 'mark' && token.text === '|');
  }

  #isEnd(): boolean {
    const token = this.#cursor.peek();
    return token?.kind === 'close' || (token?.kind === 'mark' && token.text === ')');
  }

  #word(): Word | undefined {
    const token = this.#cursor.peek();
    if (token === undefined || this.#endsCommand()) return undefined;
    const operand = this.#operand(token);
    const fieldsAt = this.#cursor.here();
    const names = this.#fields();
    if (names.length === 0) return operand;
    if (operand.kind === 'field' || operand.kind === 'variable')
      return { ...operand, names: [...operand.names, ...names], fieldsAt };
    if (operand.kind === 'constant' || operand.kind === 'nil' || operand.kind === 'dot')
      throw new TemplateFault(`unexpected . after term ${this.#cursor.shown()}`, operand.at);
    return { kind: 'chain', at: operand.at, word: operand, names, fieldsAt };
  }

  #operand(token: Token): Word {
    this.#cursor.take();
    const { at } = token;
    if (token.kind === 'constant') return { kind: 'constant', at, value: token.value };
    if (token.kind === 'word') return this.#identifier(token.text, at);
    if (token.kind === 'mark' && token.text === '(') return this.#parenthesis(at);
    if (token.kind === 'field')
      return token.text === '' ? { kind: 'dot', at } : { kind: 'field', at, names: [token.text] };
    if (token.kind !== 'variable') throw new TemplateFault('unexpected token in operand', at);
    this.#requireVariable(token.text, at);
    return { kind: 'variable', at, name: token.text, names: [] };
  }

  #identifier(name: string, at: number): Word {
    if (name === 'nil') return { kind: 'nil', at };
    if (name === 'true' || name === 'false')
      return { kind: 'constant', at, value: name === 'true' };
    if (!this.#isFunction(name))
      throw new TemplateFault(`function ${JSON.stringify(name)} not defined`, at);
    return { kind: 'function', at, name };
  }

  #parenthesis(at: number): Word {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new TemplateFault('nested too deeply', at);
    const pipe = this.#pipe('parenthesized pipeline');
    this.#depth -= 1;
    if (!this.#cursor.takeMark(')')) throw new TemplateFault('unclosed left paren', at);
    return { kind: 'pipe', at, pipe };
  }

  #fields(): string[] {
    const names: string[] = [];
    for (
      let token = this.#cursor.peek();
      token?.kind === 'field' && token.text !== '';
      token = this.#cursor.peek()
    ) {
      names.push(token.text);
      this.#cursor.take();
    }
    return names;
  }

  #requireVariable(name: string, at: number): void {
    if (!this.#variables.includes(name))
      throw new TemplateFault(`undefined variable ${JSON.stringify(name)}`, at);
  }
}
