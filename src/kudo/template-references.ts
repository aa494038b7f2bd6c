import { isTemplateFunction } from './render-template.ts';
import { parseTemplate } from './template-parser.ts';
import {
  TemplateFault,
  type Command,
  type Pipe,
  type TemplateNode,
  type TemplateTree,
  type Word,
} from './template-tree.ts';

/** A name that a template takes from what KUDO gives it: `['Params', 'NODES']`, `['Name']`. */
export interface TemplateReference {
  readonly path: readonly string[];
  readonly line: number;
  readonly column: number;
}

/** What a template refers to, or why it cannot be parsed. */
export type TemplateReferences =
  | { readonly ok: true; readonly references: readonly TemplateReference[] }
  | {
      readonly ok: false;
      readonly message: string;
      readonly line: number;
      readonly column: number;
    };

/**
 * The names that a template's text takes from KUDO's variables, without running it: fields of `$`, fields
 * of the dot where it is still the whole, and `index .Params "NAME"`.
 */
export function templateReferences(text: string): TemplateReferences {
  const placed = (at: number): { line: number; column: number } => {
    const before = text.slice(0, at);
    return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
  };
  try {
    const tree = parseTemplate(text, isTemplateFunction);
    const collector = new ReferenceCollector(tree);
    collector.list(tree.root, true);
    const references = collector.found.map(({ path, at }) => ({ path, ...placed(at) }));
    return { ok: true, references };
  } catch (thrown) {
    if (!(thrown instanceof TemplateFault)) throw thrown;
    return { ok: false, message: thrown.message, ...placed(thrown.at) };
  }
}

class ReferenceCollector {
  readonly found: { path: readonly string[]; at: number }[] = [];
  readonly #tree: TemplateTree;
  readonly #visited = new Set<string>();

  constructor(tree: TemplateTree) {
    this.#tree = tree;
  }

  /** `isRoot`: the dot is what KUDO gives the template. */
  list(nodes: readonly TemplateNode[], isRoot: boolean): void {
    for (const node of nodes) this.#node(node, isRoot);
  }

  #node(node: TemplateNode, isRoot: boolean): void {
    if ('pipe' in node && node.pipe !== undefined) this.#pipe(node.pipe, isRoot);
    if (node.kind === 'template') this.#template(node.name, node.pipe, isRoot);
    if (!('list' in node)) return;
    this.list(node.list, isRoot && node.kind === 'if');
    this.list(node.otherwise, isRoot);
  }

  /** A named template is looked at when it is given the whole; of other data nothing is known. */
  #template(name: string, pipe: Pipe | undefined, isRoot: boolean): void {
    const [word, ...more] = pipe?.commands.flatMap(({ words }) => words) ?? [];
    const isWhole = word !== undefined && more.length === 0 && isWholeData(word, isRoot);
    if (!isWhole || this.#visited.has(name)) return;
    this.#visited.add(name);
    this.list(this.#tree.named.get(name) ?? [], true);
  }

  #pipe(pipe: Pipe, isRoot: boolean): void {
    for (const command of pipe.commands) {
      this.#index(command, isRoot);
      for (const word of command.words) this.#word(word, isRoot);
    }
  }

  /** `index .Params "NAME"` is a reference, too. */
  #index({ words }: Command, isRoot: boolean): void {
    const [name, collection, key] = words;
    if (name?.kind !== 'function' || name.name !== 'index' || collection === undefined) return;
    const path = pathOf(collection, isRoot);
    if (path?.length === 1 && key?.kind === 'constant' && typeof key.value === 'string')
      this.found.push({ path: [...path, key.value], at: key.at });
  }

  #word(word: Word, isRoot: boolean): void {
    if (word.kind === 'pipe') this.#pipe(word.pipe, isRoot);
    if (word.kind === 'chain') this.#word(word.word, isRoot);
    const path = pathOf(word, isRoot);
    if (path !== undefined && path.length > 0) this.found.push({ path, at: word.at });
  }
}

function isWholeData(word: Word, isRoot: boolean): boolean {
  if (word.kind === 'dot') return isRoot;
  return word.kind === 'variable' && word.name === '$' && word.names.length === 0;
}

function pathOf(word: Word, isRoot: boolean): readonly string[] | undefined {
  if (word.kind === 'field') return isRoot ? word.names : undefined;
  return word.kind === 'variable' && word.name === '$' ? word.names : undefined;
}
