import type { GoFunction } from './go-function.ts';
import { asArgument, asConstant, countError, signatureOf, typeAt } from './template-arguments.ts';
import type { GoType } from './template-signatures.ts';
import { TemplateFault, type Command, type Pipe, type Word } from './template-tree.ts';
import { GoVersion, versionMethod } from './template-version.ts';
import { goType, isDict, isTrue, weightOf } from './template-values.ts';

/** Bounds on one rendering, so that no template runs or grows without end. */
export interface RenderLimits {
  /** Nodes and commands that may be carried out. */
  readonly maxSteps: number;
  /** Longest output, in UTF-16 units. */
  readonly maxOutput: number;
}

interface Variable {
  readonly name: string;
  value: unknown;
}

const NOTHING = Symbol('no argument comes through the pipe');

/**
 * Evaluates pipelines as text/template does. Like there, an error is placed where the evaluation stood
 * last (`place`), which is not always the operand at fault.
 */
export class TemplateEvaluator {
  readonly #functions: ReadonlyMap<string, GoFunction>;
  readonly #limits: RenderLimits;
  #steps = 0;
  #place = 0;
  variables: Variable[] = [];

  constructor(functions: ReadonlyMap<string, GoFunction>, limits: RenderLimits) {
    this.#functions = functions;
    this.#limits = limits;
  }

  /** Takes note of where it stands, and counts. */
  step(at: number): void {
    this.#place = at;
    this.#steps += 1;
    if (this.#steps > this.#limits.maxSteps)
      this.fail(`takes more than ${this.#limits.maxSteps} steps`);
  }

  /** An error at the place where the evaluation stands. */
  fail(message: string): never {
    throw new TemplateFault(message, this.#place);
  }

  /** The value, and its variables set; `undefined` is Go's lack of any value. */
  pipe(pipe: Pipe, dot: unknown): unknown {
    this.step(pipe.at);
    let value: unknown = NOTHING;
    for (const command of pipe.commands) value = this.#command(command, dot, value) ?? undefined;
    for (const name of pipe.variables) {
      if (pipe.isAssignment) this.assign(name, value);
      else this.variables.push({ name, value });
    }
    return value;
  }

  assign(name: string, value: unknown): void {
    this.#variable(name).value = value;
  }

  #variable(name: string): Variable {
    const variable = this.variables.findLast((known) => known.name === name);
    return variable ?? this.fail(`undefined variable: ${name}`);
  }

  #command({ words, at }: Command, dot: unknown, piped: unknown): unknown {
    const [first, ...rest] = words;
    if (first === undefined) throw new TemplateFault('missing value', at);
    if (first.kind === 'function') return this.#call(first, { args: rest, at, piped }, dot);
    if (first.kind !== 'pipe') this.step(placeOf(first));
    const hasArguments = rest.length > 0 || piped !== NOTHING;
    const isField = 'names' in first && first.names.length > 0;
    if (hasArguments && !isField) this.fail("can't give argument to non-function");
    if (first.kind === 'nil') this.fail('nil is not a command');
    const value = this.#operand(first, dot);
    if (hasArguments) this.fail('a field is not a method but has arguments');
    return value;
  }

  #call(
    { name, at }: Word & { readonly kind: 'function' },
    given: { readonly args: readonly Word[]; readonly at: number; readonly piped: unknown },
    dot: unknown,
  ): unknown {
    this.step(at);
    const signature = signatureOf(name);
    const { args, piped } = given;
    const count = args.length + Number(piped !== NOTHING);
    const wrong = countError(name, signature, count);
    if (wrong !== undefined) this.fail(wrong);
    if (name === 'and' || name === 'or') return this.#firstThat(name, given, dot);
    const values = args.map((word, index) => this.#argument(word, typeAt(signature, index), dot));
    if (piped !== NOTHING) values.push(this.#checked(piped, typeAt(signature, args.length)));
    return this.#run(name, values, given.at);
  }

  /** `and` and `or` end with the first argument that decides; those after it are not looked at. */
  #firstThat(
    name: string,
    { args, piped }: { readonly args: readonly Word[]; readonly piped: unknown },
    dot: unknown,
  ): unknown {
    let value: unknown;
    for (const word of args) {
      value = this.#argument(word, 'any', dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped === NOTHING ? value : piped;
  }

  #run(name: string, args: readonly unknown[], at: number): unknown {
    const call = this.#functions.get(name);
    if (call === undefined) return this.fail(`${JSON.stringify(name)} is not a defined function`);
    try {
      const value = call(...args);
      this.#measure(value, at);
      return value;
    } catch (thrown) {
      if (thrown instanceof TemplateFault) throw thrown;
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      throw new TemplateFault(`error calling ${name}: ${message}`, at);
    }
  }

  #measure(value: unknown, at: number): void {
    const most = this.#limits.maxOutput;
    const isLarge = typeof value === 'string' ? value.length > most : weightOf(value, most) > most;
    if (isLarge) throw new TemplateFault(`makes a value of more than ${most} characters`, at);
  }

  #argument(word: Word, type: GoType, dot: unknown): unknown {
    this.step(placeOf(word));
    if (word.kind === 'nil') return this.#placed(() => asConstant(null, type));
    if (word.kind === 'constant') return this.#placed(() => asConstant(word.value, type));
    return this.#checked(this.#operand(word, dot), type);
  }

  #checked(value: unknown, type: GoType): unknown {
    return this.#placed(() => asArgument(value, type));
  }

  #placed(check: () => unknown): unknown {
    try {
      return check();
    } catch (thrown) {
      return this.fail(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  #operand(word: Word, dot: unknown): unknown {
    switch (word.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'constant':
        return word.value;
      case 'field':
        return this.#fields(dot, word.names);
      case 'variable': {
        return this.#fields(this.#variable(word.name).value, word.names);
      }
      case 'function':
        return this.#call(word, { args: [], at: word.at, piped: NOTHING }, dot);
      case 'pipe':
        return this.pipe(word.pipe, dot);
      case 'chain':
        return this.#chain(word, dot);
    }
  }

  #chain({ word, names }: Word & { readonly kind: 'chain' }, dot: unknown): unknown {
    if (word.kind === 'nil') this.fail('indirection through explicit nil');
    this.step(placeOf(word));
    return this.#fields(this.#operand(word, dot), names);
  }

  #fields(value: unknown, names: readonly string[]): unknown {
    let found = value;
    for (const name of names) found = this.#field(found, name);
    return found;
  }

  #field(receiver: unknown, name: string): unknown {
    if (receiver === null || receiver === undefined)
      return this.fail(`nil data; no entry for key ${JSON.stringify(name)}`);
    const method = receiver instanceof GoVersion ? versionMethod(receiver, name) : undefined;
    if (method !== undefined) return method;
    if (!isDict(receiver))
      return this.fail(`can't evaluate field ${name} in type ${goType(receiver)}`);
    if (!Object.hasOwn(receiver, name))
      return this.fail(`map has no entry for key ${JSON.stringify(name)}`);
    return receiver[name];
  }
}

/** Where text/template says an operand stands: with fields behind it, at the first of them. */
function placeOf(word: Word): number {
  return 'fieldsAt' in word ? (word.fieldsAt ?? word.at) : word.at;
}
