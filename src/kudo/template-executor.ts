import type { GoFunction } from './go-function.ts';
import { TemplateEvaluator, type RenderLimits } from './template-evaluator.ts';
import type { ControlNode, Pipe, TemplateNode, TemplateTree } from './template-tree.ts';
import { goText, isDict, isTrue } from './template-values.ts';

/** Carries out a parsed template with text/template's rules and `missingkey=error`; throws TemplateFault. */
export function executeTemplate(
  tree: TemplateTree,
  functions: ReadonlyMap<string, GoFunction>,
  data: unknown,
  limits: RenderLimits,
): string {
  const executor = new TemplateExecutor(tree, functions, limits);
  return executor.run(data);
}

type Flow = 'next' | 'break' | 'continue';

const MAX_TEMPLATE_DEPTH = 200;

class TemplateExecutor {
  readonly #tree: TemplateTree;
  readonly #evaluator: TemplateEvaluator;
  readonly #maxOutput: number;
  readonly #parts: string[] = [];
  #length = 0;
  #depth = 0;

  constructor(
    tree: TemplateTree,
    functions: ReadonlyMap<string, GoFunction>,
    limits: RenderLimits,
  ) {
    this.#tree = tree;
    this.#evaluator = new TemplateEvaluator(functions, limits);
    this.#maxOutput = limits.maxOutput;
  }

  run(data: unknown): string {
    this.#evaluator.variables = [{ name: '$', value: data }];
    this.#list(this.#tree.root, data);
    return this.#parts.join('');
  }

  #list(nodes: readonly TemplateNode[], dot: unknown): Flow {
    for (const node of nodes) {
      const flow = this.#node(node, dot);
      if (flow !== 'next') return flow;
    }
    return 'next';
  }

  #node(node: TemplateNode, dot: unknown): Flow {
    this.#evaluator.step(node.at);
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'next';
      case 'action': {
        const value = this.#evaluator.pipe(node.pipe, dot);
        this.#evaluator.step(node.at);
        if (node.pipe.variables.length === 0) this.#write(printed(value));
        return 'next';
      }
      case 'if':
      case 'with':
      case 'range':
        return this.#scoped(() => this.#control(node, dot));
      case 'template':
        return this.#template(node, dot);
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  #write(text: string): void {
    this.#length += text.length;
    if (this.#length > this.#maxOutput)
      this.#evaluator.fail(`makes more than ${this.#maxOutput} characters`);
    this.#parts.push(text);
  }

  #scoped(run: () => Flow): Flow {
    const known = this.#evaluator.variables.length;
    const flow = run();
    this.#evaluator.variables.length = known;
    return flow;
  }

  #control(node: ControlNode, dot: unknown): Flow {
    const value = this.#evaluator.pipe(node.pipe, dot);
    if (node.kind === 'range') return this.#range(node, value, dot);
    if (isTrue(value)) return this.#list(node.list, node.kind === 'with' ? value : dot);
    return this.#list(node.otherwise, dot);
  }

  #range(node: ControlNode, value: unknown, dot: unknown): Flow {
    const { pipe } = node;
    let isEmpty = true;
    for (const [key, item] of this.#entries(value, pipe)) {
      isEmpty = false;
      this.#evaluator.step(node.at);
      const flow = this.#scoped(() => {
        this.#setLoopVariables(pipe, key, item);
        return this.#list(node.list, item);
      });
      if (flow === 'break') break;
    }
    return isEmpty ? this.#list(node.otherwise, dot) : 'next';
  }

  /** What range goes through; maps in the order of their keys. */
  #entries(value: unknown, { variables }: Pipe): Iterable<readonly [unknown, unknown]> {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.entries();
    if (typeof value === 'number' || typeof value === 'bigint') {
      if (variables.length > 1)
        this.#evaluator.fail(`can't use ${value} to iterate over more than one variable`);
      return countTo(value);
    }
    if (!isDict(value)) return this.#evaluator.fail(`range can't iterate over ${goText(value)}`);
    return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  /** `range $x := …` has the item in its one variable, `$i, $x := …` the index or key in the first. */
  #setLoopVariables({ variables, isAssignment }: Pipe, key: unknown, item: unknown): void {
    const values = variables.length > 1 ? [key, item] : [item];
    for (const [index, name] of variables.entries()) {
      if (isAssignment) this.#evaluator.assign(name, values[index]);
      else this.#evaluator.variables.push({ name, value: values[index] });
    }
  }

  #template(node: TemplateNode & { readonly kind: 'template' }, dot: unknown): Flow {
    const nodes = this.#tree.named.get(node.name);
    if (nodes === undefined)
      return this.#evaluator.fail(`template ${JSON.stringify(node.name)} not defined`);
    const data = node.pipe === undefined ? undefined : this.#evaluator.pipe(node.pipe, dot);
    this.#depth += 1;
    if (this.#depth > MAX_TEMPLATE_DEPTH)
      this.#evaluator.fail('templates call each other too deeply');
    const { variables } = this.#evaluator;
    this.#evaluator.variables = [{ name: '$', value: data }];
    this.#list(nodes, data);
    this.#evaluator.variables = variables;
    this.#depth -= 1;
    return 'next';
  }
}

function printed(value: unknown): string {
  return value === null || value === undefined ? '<no value>' : goText(value);
}

/** An int's range counts in its own type. */
function* countTo(end: number | bigint): Generator<readonly [unknown, unknown]> {
  if (typeof end === 'bigint') for (let index = 0n; index < end; index += 1n) yield [index, index];
  else for (let index = 0; index < end; index += 1) yield [index, index];
}
