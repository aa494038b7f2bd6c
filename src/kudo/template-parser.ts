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
  readonly #cursor: TokenCursor;
  readonly #pipes: PipeParser;
  readonly #named = new Map<string, readonly TemplateNode[]>();
  #loops = 0;

  constructor(text: string, isFunction: (name: string) => boolean) {
    this.#cursor = new TokenCursor(lexTemplate(text), text.length);
    this.#pipes = new PipeParser(this.#cursor, isFunction);
  }

  parse(): TemplateTree {
    const { nodes, end, at } = this.#list();
    if (end !== '') throw new TemplateFault(`unexpected {{${end}}}`, at);
    return { root: nodes, named: this.#named };
  }

  /** Nodes up to `{{end}}`, `{{else}}` or the end of the text. */
  #list(): List {
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
        return this.#template(at);
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
        return { kind: 'action', at, pipe: this.#pipes.pipeToClose('command', true) };
    }
  }

  #jump(kind: 'break' | 'continue', at: number): TemplateNode {
    this.#cursor.take();
    this.#cursor.close(kind);
    if (this.#loops === 0) throw new TemplateFault(`{{${kind}}} outside {{range}}`, at);
    return { kind, at };
  }

  #control(kind: 'if' | 'with' | 'range', at: number): TemplateNode {
    return this.#pipes.scoped(at, false, () => {
      const pipe = this.#pipes.pipeToClose(kind, true);
      this.#loops += Number(kind === 'range');
      const { nodes, end } = this.#list();
      this.#loops -= Number(kind === 'range');
      if (end === '') throw new TemplateFault('unexpected EOF', at);
      if (end === 'end') this.#cursor.close('end');
      const otherwise = end === 'else' ? this.#otherwise(kind, at) : [];
      return { kind, at, pipe, list: nodes, otherwise };
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
    const { nodes, end } = this.#list();
    if (end === '') throw new TemplateFault('unexpected EOF', at);
    if (end !== 'end') throw new TemplateFault(`unexpected {{else}} in ${context}`, at);
    this.#cursor.close('end');
    return nodes;
  }

  #template(at: number): TemplateNode {
    const name = this.#name('template');
    this.#cursor.skipSpace();
    if (this.#cursor.isClose()) {
      this.#cursor.close('template');
      return { kind: 'template', at, name, pipe: undefined };
    }
    return { kind: 'template', at, name, pipe: this.#pipes.pipeToClose('template', false) };
  }

  #define(at: number): void {
    const name = this.#name('define');
    this.#cursor.close('define');
    this.#named.set(name, this.#separate(at));
  }

  #block(at: number): TemplateNode {
    const name = this.#name('block');
    const pipe = this.#pipes.pipeToClose('block', false);
    const nodes = this.#separate(at);
    if (!this.#named.has(name)) this.#named.set(name, nodes);
    return { kind: 'template', at, name, pipe };
  }

  /** A template within the template: it sees no variables but `$`. */
  #separate(at: number): readonly TemplateNode[] {
    const loops = this.#loops;
    this.#loops = 0;
    const nodes = this.#pipes.scoped(at, true, () => this.#listToEnd('define', at));
    this.#loops = loops;
    return nodes;
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
