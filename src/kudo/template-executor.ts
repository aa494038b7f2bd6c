import type { GoFunction } from './go-function.ts';
import {
  TemplateFault,
  type Command,
  type ControlNode,
  type Pipe,
  type TemplateNode,
  type TemplateTree,
  type Word,
} from './template-tree.ts';
import { goText, goType, isDict, isTrue, weightOf } from './template-values.ts';

/** Bounds on one rendering, so that no template runs or grows without end. */
export interface RenderLimits {
  /** Nodes and commands that may be carried out. */
  readonly maxSteps: number;
  /** Longest output, in UTF-16 units. */
  readonly maxOutput: number;
}

/** Carries out a parsed template with text/template's rules and `missingkey=error`; throws TemplateFault. */
export function executeTemplate(
  tree: TemplateTree,
  functions: ReadonlyMap<string, GoFunction>,
  data: unknown,
  limits: RenderLimits,
): string {
  const executor = new TemplateExecutor(tree, functions, limits);
  executor.walk(tree.root, data, [{ name: '$', value: data }]);
  return executor.output();
}

interface Variable {
  readonly name: string;
  value: unknown;
}

type Flow = 'next' | 'break' | 'continue';

const MAX_TEMPLATE_DEPTH = 200;
const NOTHING = Symbol('no argument comes through the pipe');

class TemplateExecutor {
  readonly #tree: TemplateTree;
  readonly #functions: ReadonlyMap<string, GoFunction>;
  readonly #limits: RenderLimits;
  readonly #parts: string[] = [];
  #length = 0;
  #steps = 0;
  #depth = 0;
  #variables: Variable[] = [];

  constructor(
    tree: TemplateTree,
    functions: ReadonlyMap<string, GoFunction>,
    limits: RenderLimits,
  ) {
    this.#tree = tree;
    this.#functions = functions;
    this.#limits = limits;
  }

  output(): string {
    return this.#parts.join('');
  }

  walk(nodes: readonly TemplateNode[], dot: unknown, variables: Variable[]): Flow {
    this.#variables = variables;
    return this.#list(nodes, dot);
  }

  #list(nodes: readonly TemplateNode[], dot: unknown): Flow {
    for (const node of nodes) {
      const flow = this.#node(node, dot);
      if (flow !== 'next') return flow;
    }
    return 'next';
  }

  #node(node: TemplateNode, dot: unknown): Flow {
    this.#step(node.at);
    switch (node.kind) {
      case 'text':
        this.#write(node.text, node.at);
        return 'next';
      case 'action': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.#write(printed(value), node.at);
        return 'next';
      }
      case 'if':
      case 'with':
      case 'range':
        return this.#scoped(() => this.#control(node, dot));
      case 'template':
        this.#template(node, dot);
        return 'next';
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  #step(at: number): void {
    this.#steps += 1;
    if (this.#steps > this.#limits.maxSteps)
      throw new TemplateFault(`takes more than ${this.#limits.maxSteps} steps`, at);
  }

  #write(text: string, at: number): void {
    this.#length += text.length;
    if (this.#length > this.#limits.maxOutput)
      throw new TemplateFault(`makes more than ${this.#limits.maxOutput} characters`, at);
    this.#parts.push(text);
  }

  #scoped(run: () => Flow): Flow {
    const known = this.#variables.length;
    const flow = run();
    this.#variables.length = known;
    return flow;
  }

  #control(node: ControlNode, dot: unknown): Flow {
    const value = this.#pipe(node.pipe, dot);
    if (node.kind === 'range') return this.#range(node, value, dot);
    if (isTrue(value)) return this.#list(node.list, node.kind === 'with' ? value : dot);
    return this.#list(node.otherwise, dot);
  }

  #range(node: ControlNode, value: unknown, dot: unknown): Flow {
    const { pipe } = node;
    const entries = entriesOf(value, pipe.at);
    let isEmpty = true;
    for (const [key, item] of entries) {
      isEmpty = false;
      this.#step(node.at);
      const flow = this.#scoped(() => {
        this.#setLoopVariables(pipe, key, item);
        return this.#list(node.list, item);
      });
      if (flow === 'break') break;
    }
    return isEmpty ? this.#list(node.otherwise, dot) : 'next';
  }

  /** `range $x := …` has the item in its one variable, `$i, $x := …` the index or key in the first. */
  #setLoopVariables({ variables, isAssignment }: Pipe, key: unknown, item: unknown): void {
    const values = variables.length > 1 ? [key, item] : [item];
    for (const [index, name] of variables.entries()) {
      if (isAssignment) this.#assign(name, values[index]);
      else this.#variables.push({ name, value: values[index] });
    }
  }

  #assign(name: string, value: unknown): void {
    const variable = this.#variables.findLast((known) => known.name === name);
    if (variable) variable.value = value;
  }

  #template(node: TemplateNode & { readonly kind: 'template' }, dot: unknown): void {
    const nodes = this.#tree.named.get(node.name);
    if (nodes === undefined)
      throw new TemplateFault(`template ${JSON.stringify(node.name)} not defined`, node.at);
    const data = node.pipe === undefined ? null : this.#pipe(node.pipe, dot);
    this.#depth += 1;
    if (this.#depth > MAX_TEMPLATE_DEPTH)
      throw new TemplateFault('templates call each other too deeply', node.at);
    const variables = this.#variables;
    this.walk(nodes, data, [{ name: '$', value: data }]);
    this.#variables = variables;
    this.#depth -= 1;
  }

  #pipe(pipe: Pipe, dot: unknown): unknown {
    let value: unknown = NOTHING;
    for (const command of pipe.commands) value = this.#command(command, dot, value);
    for (const name of pipe.variables) {
      if (pipe.isAssignment) this.#assign(name, value);
      else this.#variables.push({ name, value });
    }
    return value;
  }

  #command({ words, at }: Command, dot: unknown, piped: unknown): unknown {
    this.#step(at);
    const [first, ...rest] = words;
    if (first === undefined) throw new TemplateFault('missing value', at);
    if (first.kind === 'function') {
      const args = rest.map((word) => () => this.#word(word, dot));
      return this.#call(first.name, [...args, ...(piped === NOTHING ? [] : [() => piped])], at);
    }
    if (rest.length > 0 || piped !== NOTHING)
      throw new TemplateFault("can't give argument to non-function", first.at);
    if (first.kind === 'nil') throw new TemplateFault('nil is not a command', first.at);
    return this.#word(first, dot);
  }

  #call(name: string, args: readonly (() => unknown)[], at: number): unknown {
    const call = this.#functions.get(name);
    if (call === undefined)
      throw new TemplateFault(`${JSON.stringify(name)} is not a function`, at);
    try {
      const value = call(args);
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

  #word(word: Word, dot: unknown): unknown {
    switch (word.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'constant':
        return word.value;
      case 'field':
        return fieldsOf(dot, word.names, word.at);
      case 'variable': {
        const variable = this.#variables.findLast((known) => known.name === word.name);
        return fieldsOf(variable?.value, word.names, word.at);
      }
      case 'function':
        return this.#call(word.name, [], word.at);
      case 'pipe':
        return this.#pipe(word.pipe, dot);
      case 'chain':
        return fieldsOf(this.#word(word.word, dot), word.names, word.at);
    }
  }
}

function printed(value: unknown): string {
  return value === null || value === undefined ? '<no value>' : goText(value);
}

function fieldsOf(value: unknown, names: readonly string[], at: number): unknown {
  let found = value;
  for (const name of names) found = fieldOf(found, name, at);
  return found;
}

function fieldOf(receiver: unknown, name: string, at: number): unknown {
  if (receiver === null || receiver === undefined)
    throw new TemplateFault(`nil data; no entry for key ${JSON.stringify(name)}`, at);
  if (!isDict(receiver))
    throw new TemplateFault(`can't evaluate field ${name} in type ${goType(receiver)}`, at);
  const isThere = receiver instanceof Map ? receiver.has(name) : Object.hasOwn(receiver, name);
  if (!isThere) throw new TemplateFault(`map has no entry for key ${JSON.stringify(name)}`, at);
  return receiver instanceof Map ? receiver.get(name) : receiver[name];
}

/** What range goes through; maps in the order of their keys. */
function entriesOf(value: unknown, at: number): Iterable<readonly [unknown, unknown]> {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.entries();
  if (typeof value === 'number' || typeof value === 'bigint') return count(Number(value));
  if (!isDict(value)) throw new TemplateFault(`range can't iterate over ${goText(value)}`, at);
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function* count(end: number): Generator<readonly [number, number]> {
  for (let index = 0; index < end; index += 1) yield [index, index];
}
