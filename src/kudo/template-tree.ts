/** Offset into the template's text. */
interface Placed {
  readonly at: number;
}

/** What stands between `{{` and `}}`, or between two of them. */
export type TemplateNode = Placed &
  (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'action'; readonly pipe: Pipe }
    | ControlNode
    | { readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | undefined }
    | { readonly kind: 'break' | 'continue' }
  );

export interface ControlNode extends Placed {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipe: Pipe;
  readonly list: readonly TemplateNode[];
  /** What `else` introduces. */
  readonly otherwise: readonly TemplateNode[];
}

/** `$a, $b := command | command`. */
export interface Pipe extends Placed {
  readonly variables: readonly string[];
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

/** A function or value and its arguments. */
export interface Command extends Placed {
  readonly words: readonly Word[];
}

export type Word = Placed &
  (
    | { readonly kind: 'dot' | 'nil' }
    | { readonly kind: 'constant'; readonly value: unknown }
    | (WithFields & { readonly kind: 'field' })
    | (WithFields & { readonly kind: 'variable'; readonly name: string })
    | { readonly kind: 'function'; readonly name: string }
    | { readonly kind: 'pipe'; readonly pipe: Pipe }
    | (WithFields & { readonly kind: 'chain'; readonly word: Word })
  );

interface WithFields {
  readonly names: readonly string[];
  /** Of names that follow an operand: the offset of the first, where text/template places errors. */
  readonly fieldsAt?: number;
}

/** A parsed template: its own nodes and those of its `define`s and `block`s. */
export interface TemplateTree {
  readonly root: readonly TemplateNode[];
  readonly named: ReadonlyMap<string, readonly TemplateNode[]>;
}

/** What is wrong in a template; never leaves the renderer. */
export class TemplateFault extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
