import type { Command, Pipe, TemplateNode, TemplateTree, Word } from './template-tree.ts';

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

  /** `isRoot` tells whether the dot is certainly what KUDO gives the template. */
  nodes(nodes: readonly TemplateNode[], isRoot: boolean): void {
    for (const node of nodes) this.#node(node, isRoot);
  }

  #node(node: TemplateNode, isRoot: boolean): void {
    switch (node.kind) {
      case 'action':
        this.#pipe(node.pipe, isRoot);
        return;
      case 'template':
        if (node.pipe) this.#pipe(node.pipe, isRoot, true);
        return;
      case 'if':
      case 'with':
      case 'range':
        this.#pipe(node.pipe, isRoot);
        this.nodes(node.list, isRoot && node.kind === 'if');
        this.nodes(node.otherwise, isRoot);
        return;
      case 'text':
      case 'break':
      case 'continue':
    }
  }

  /** `isGiven`: the value goes to another template, which is walked by itself. */
  #pipe({ commands }: Pipe, isRoot: boolean, isGiven = false): void {
    for (const command of commands) this.#command(command, isRoot, isGiven);
  }

  #command({ words }: Command, isRoot: boolean, isGiven: boolean): void {
    const [first, map, key] = words;
    const indexed = first?.kind === 'function' && first.name === 'index' ? namesOf(map) : undefined;
    if (indexed?.length === 1 && key?.kind === 'constant' && typeof key.value === 'string') {
      this.#use([...indexed, key.value], key.at, isRoot || map?.kind === 'variable');
      for (const word of words.slice(3)) this.#word(word, isRoot);
      return;
    }
    for (const word of words) if (!isGiven || !isWhole(word)) this.#word(word, isRoot);
  }

  #word(word: Word, isRoot: boolean): void {
    switch (word.kind) {
      case 'field':
        this.#use(word.names, word.at, isRoot);
        return;
      case 'variable':
        if (word.name !== '$') return;
        if (word.names.length === 0) this.usesAllParams = true;
        else this.#use(word.names, word.at, true);
        return;
      case 'pipe':
        this.#pipe(word.pipe, isRoot);
        return;
      case 'chain':
        this.#word(word.word, isRoot);
        return;
      case 'dot':
        if (isRoot) this.usesAllParams = true;
        return;
      case 'nil':
      case 'constant':
      case 'function':
    }
  }

  #use(names: readonly string[], at: number, isRoot: boolean): void {
    const [first = '', second] = names;
    if (first === 'Params') {
      if (second === undefined) this.usesAllParams = true;
      else note(this.params, second, at);
    } else if (first === 'Pipes') {
      if (second !== undefined) note(this.pipes, second, at);
    } else if (isRoot) {
      note(this.variables, first, at);
    }
  }
}

/** `.` or `$`. */
function isWhole(word: Word): boolean {
  const isDollar = word.kind === 'variable' && word.name === '$' && word.names.length === 0;
  return isDollar || word.kind === 'dot';
}

function namesOf(word: Word | undefined): readonly string[] | undefined {
  if (word?.kind === 'field') return word.names;
  return word?.kind === 'variable' && word.name === '$' ? word.names : undefined;
}

function note(uses: Map<string, number>, name: string, at: number): void {
  if (!uses.has(name)) uses.set(name, at);
}
