import type { ControlNode, Pipe, TemplateNode, TemplateTree, Word } from './template-tree.ts';

/** A name that a template asks for, and the offset of the first place. */
export type NamedUses = ReadonlyMap<string, number>;

/** What a template asks of its variables, as far as its text alone tells. */
export interface TemplateUses {
  /** `X` of `.Params.X` and `index .Params "X"`. */
  readonly params: NamedUses;
  /** `X` of `.Pipes.X`. */
  readonly pipes: NamedUses;
  /** `X` of `.X`, but those two. */
  readonly variables: NamedUses;
  /** True when `.Params` is used as a whole: then no parameter is certainly unused. */
  readonly usesAllParams: boolean;
}

/** Walks a template, branches that its defaults do not take included. */
export function templateUses(tree: TemplateTree): TemplateUses {
  const walk = new UseWalk();
  walk.nodes(tree.root, true);
  for (const nodes of tree.named.values()) walk.nodes(nodes, false);
  return walk;
}

class UseWalk implements TemplateUses {
  readonly params = new Map<string, number>();
  readonly pipes = new Map<string, number>();
  readonly variables = new Map<string, number>();
  usesAllParams = false;
  /** Variables that hold what `$` does, as after `$root := .`. */
  readonly #roots = new Set(['$']);

  /** `isRoot` tells whether the dot is certainly what KUDO gives the template. */
  nodes(nodes: readonly TemplateNode[], isRoot: boolean): void {
    for (const node of nodes) this.#node(node, isRoot);
  }

  #node(node: TemplateNode, isRoot: boolean): void {
    if (node.kind === 'action') this.#pipe(node.pipe, isRoot);
    else if (node.kind === 'template') this.#pipe(node.pipe, isRoot, true);
    else if ('list' in node) this.#control(node, isRoot);
  }

  #control({ kind, pipe, list, otherwise }: ControlNode, isRoot: boolean): void {
    this.#pipe(pipe, isRoot);
    this.nodes(list, isRoot && kind === 'if');
    this.nodes(otherwise, isRoot);
  }

  /** `isGiven`: the value goes to another template, which is walked by itself. */
  #pipe(pipe: Pipe | undefined, isRoot: boolean, isGiven = false): void {
    if (pipe === undefined || this.#isAlias(pipe, isRoot)) return;
    for (const { words } of pipe.commands) {
      const used = words.filter((word) => !isGiven || !this.#isWhole(word, true));
      if (!this.#indexed(used, isRoot)) for (const word of used) this.#word(word, isRoot);
    }
  }

  /** `$root := .`: takes note of the name. */
  #isAlias({ commands, variables }: Pipe, isRoot: boolean): boolean {
    const words = commands.flatMap((command) => command.words);
    const [word] = words;
    const [variable] = variables;
    const isAlias =
      variable !== undefined &&
      word !== undefined &&
      words.length === 1 &&
      this.#isWhole(word, isRoot);
    if (isAlias) this.#roots.add(variable);
    return isAlias;
  }

  /** `index .Params "NAME"`, with what follows. */
  #indexed([first, map, key, ...rest]: readonly Word[], isRoot: boolean): boolean {
    if (!isIndex(first) || map === undefined) return false;
    const names = this.#namesOf(map);
    const text = textOf(key);
    if (names?.length !== 1 || text === undefined) return false;
    this.#use([...names, text], map.at, isRoot);
    for (const word of rest) this.#word(word, isRoot);
    return true;
  }

  #word(word: Word, isRoot: boolean): void {
    if (this.#isWhole(word, isRoot)) this.usesAllParams = true;
    else if (word.kind === 'pipe') this.#pipe(word.pipe, isRoot);
    else if (word.kind === 'chain') this.#word(word.word, isRoot);
    else if (word.kind === 'field') this.#use(word.names, word.at, isRoot);
    else this.#use(this.#namesOf(word) ?? [], word.at, true);
  }

  #use(names: readonly string[], at: number, isRoot: boolean): void {
    const [first, second] = names;
    if (first === undefined) return;
    if (first === 'Params') {
      if (second === undefined) this.usesAllParams = true;
      else note(this.params, second, at);
    } else if (first === 'Pipes') {
      if (second !== undefined) note(this.pipes, second, at);
    } else if (isRoot) {
      note(this.variables, first, at);
    }
  }

  /** `.` or `$` or another name of it. */
  #isWhole(word: Word, isRoot: boolean): boolean {
    const isRootVariable = word.kind === 'variable' && this.#roots.has(word.name);
    return isRootVariable ? word.names.length === 0 : word.kind === 'dot' && isRoot;
  }

  #namesOf(word: Word): readonly string[] | undefined {
    if (word.kind === 'field') return word.names;
    return word.kind === 'variable' && this.#roots.has(word.name) ? word.names : undefined;
  }
}

function isIndex(word: Word | undefined): boolean {
  return word?.kind === 'function' && word.name === 'index';
}

function textOf(word: Word | undefined): string | undefined {
  return word?.kind === 'constant' && typeof word.value === 'string' ? word.value : undefined;
}

function note(uses: Map<string, number>, name: string, at: number): void {
  if (!uses.has(name)) uses.set(name, at);
}
