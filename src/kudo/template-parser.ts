import { lexTemplate } from './template-lexer.ts';
import { PipeParser } from './template-pipe-parser.ts';
import { TemplateFault, type TemplateNode, type TemplateTree } from './template-tree.ts';
import { TokenCursor } from './token-cursor.ts';

/**
 * Parses a template as text/template does; throws TemplateFault. Functions and variables must be known
 * before anything runs, in branches that are never taken, too.
 */
export function parseTemplate(text: string, isFunction: (name: string) => boolean): TemplateTree {
  return new TemplateParser(text, isFunction).parse();
}

interface List {
  readonly nodes: TemplateNode[];
  /** The keyword that ended it; empty at the end of the text. */
  readonly end: string;
  readonly at: number;
}

class TemplateParser {
  readonly #text: string;
  readonly #cursor: TokenCursor;
  readonly #pipes: PipeParser;
  readonly #named = new Map<string, readonly TemplateNode[]>();
  #loops = 0;

  constructor(text: string, isFunction: (name: string) => boolean) {
    this.#text = text;
    this.#cursor = new TokenCursor(lexTemplate(text), text.length);
    this.#pipes = new PipeParser(this.#cursor, isFunction);
  }

  parse(): TemplateTree {
    const { nodes, end, at } = this.#list(true);
    if (end !== '') throw new TemplateFault(`unexpected {{${end}}}`, at);
    return { root: nodes, named: this.#named };
  }

  /** Nodes up to `{{end}}`, `{{else}}` or the end of the text. */
  #list(mayDefine: boolean): List {
    const nodes: TemplateNode[] = [];
    for (let token = this.#cursor.take(); token !== undefined; token = this.#cursor.take()) {
      const { at } = token;
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', at, text: token.text });
        continue;
      }
      this.#cursor.skipSpace();
      const keyword = this.#cursor.peekWord();
      if (keyword === 'end' || keyword === 'else') {
        this.#cursor.take();
        return { nodes, end: keyword, at };
      }
      if (keyword === 'define' && !mayDefine)
        throw new TemplateFault('unexpected {{define}} inside of a block', at);
      const node = this.#statement(keyword, at);
      if (node !== undefined) nodes.push(node);
    }
    return { nodes, end: '', at: this.#cursor.here() };
  }

  #statement(keyword: string | undefined, at: number): TemplateNode | undefined {
    switch (keyword) {
      case 'if':
      case 'with':
      case 'range':
        this.#cursor.take();
        return this.#control(keyword, at);
      case 'template':
        this.#cursor.take();
        return this.#template();
      case 'define':
        this.#cursor.take();
        this.#define(at);
        return undefined;
      case 'block':
        this.#cursor.take();
        return this.#block(at);
      case 'break':
      case 'continue':
        return this.#jump(keyword, at);
      case undefined:
      default:
        return this.#action();
    }
  }

  #action(): TemplateNode {
    const pipe = this.#pipes.pipeToClose('command');
    return { kind: 'action', at: pipe.at, pipe };
  }

  #jump(kind: 'break' | 'continue', at: number): TemplateNode {
    this.#cursor.take();
    this.#cursor.close(kind);
    if (this.#loops === 0) throw new TemplateFault(`{{${kind}}} outside {{range}}`, at);
    return { kind, at };
  }

  #control(kind: 'if' | 'with' | 'range', at: number): TemplateNode {
    return this.#pipes.scoped(at, false, () => {
      const pipe = this.#pipes.pipeToClose(kind);
      this.#loops += Number(kind === 'range');
      const { nodes, end } = this.#list(false);
      this.#loops -= Number(kind === 'range');
      if (end === '') throw this.#unexpectedEnd(kind, at);
      if (end === 'end') this.#cursor.close('end');
      const otherwise = end === 'else' ? this.#otherwise(kind, at) : [];
      return { kind, at: pipe.at, pipe, list: nodes, otherwise };
    });
  }

  /** What follows `{{else`; of `{{else if}}` and the block around it, one `{{end}}` ends both. */
  #otherwise(kind: string, at: number): readonly TemplateNode[] {
    this.#cursor.skipSpace();
    const chained = this.#cursor.peekWord();
    if (chained === kind && (chained === 'if' || chained === 'with')) {
      this.#cursor.take();
      return [this.#control(chained, at)];
    }
    this.#cursor.close('else');
    return this.#listToEnd('else', at);
  }

  #listToEnd(context: string, at: number): readonly TemplateNode[] {
    const { nodes, end, at: endAt } = this.#list(false);
    if (end === '') throw this.#unexpectedEnd(context, at);
    if (end !== 'end') throw new TemplateFault(`unexpected {{else}} in ${context}`, endAt);
    this.#cursor.close('end');
    return nodes;
  }

  #template(): TemplateNode {
    this.#cursor.skipSpace();
    const at = this.#cursor.here();
    const name = this.#name('template');
    this.#cursor.skipSpace();
    if (this.#cursor.isClose()) {
      this.#cursor.close('template');
      return { kind: 'template', at, name, pipe: undefined };
    }
    return { kind: 'template', at, name, pipe: this.#pipes.pipeToClose('template') };
  }

  #define(at: number): void {
    const name = this.#name('define');
    this.#cursor.close('define');
    this.#add(name, this.#separate('define', at), at);
  }

  #block(at: number): TemplateNode {
    this.#cursor.skipSpace();
    const nameAt = this.#cursor.here();
    const name = this.#name('block');
    const pipe = this.#pipes.pipeToClose('block');
    this.#add(name, this.#separate('block', at), at);
    return { kind: 'template', at: nameAt, name, pipe };
  }

  /** A template within the template: it sees no variables but `$`. */
  #separate(what: string, at: number): readonly TemplateNode[] {
    const loops = this.#loops;
    this.#loops = 0;
    const nodes = this.#pipes.scoped(at, true, () => this.#listToEnd(what, at));
    this.#loops = loops;
    return nodes;
  }

  /** Of two definitions one may be empty: it gives way. */
  #add(name: string, nodes: readonly TemplateNode[], at: number): void {
    const known = this.#named.get(name);
    if (known === undefined || known.every(isBlank)) this.#named.set(name, nodes);
    else if (!nodes.every(isBlank))
      throw new TemplateFault(`multiple definition of template ${JSON.stringify(name)}`, at);
  }

  #unexpectedEnd(what: string, at: number): TemplateFault {
    const line = this.#text.slice(0, at).split('\n').length;
    return new TemplateFault(
      `unexpected EOF: {{${what}}} of line ${line} has no {{end}}`,
      this.#cursor.here(),
    );
  }

  #name(what: string): string {
    this.#cursor.skipSpace();
    const token = this.#cursor.take();
    if (token?.kind !== 'constant' || typeof token.value !== 'string')
      throw new TemplateFault(
        `unexpected token in ${what} clause: a quoted name is wanted`,
        this.#cursor.here(),
      );
    return token.value;
  }
}

function isBlank(node: TemplateNode): boolean {
  return node.kind === 'text' && node.text.trim() === '';
}
