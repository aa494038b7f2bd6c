import {
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
  type Event,
  type MappingEvent,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml';

/** A YAML document as a tree whose nodes know where they stand; `start` is an offset into the text. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly start: number;
  readonly text: string;
  /** `str` for `!!str`, `!foo` for a tag of one's own, empty for none. */
  readonly tag: string;
  readonly isPlain: boolean;
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly start: number;
  readonly items: YamlNode[];
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly start: number;
  readonly pairs: { key: YamlNode; value: YamlNode }[];
}

export interface AliasNode {
  readonly kind: 'alias';
  readonly start: number;
  readonly target: YamlNode;
}

/** What is wrong with a YAML text and where; never leaves this library. */
export class YamlTextError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The nodes of the text's first document, or undefined when there is none; throws YamlTextError. */
export function parseYamlNode(
  text: string,
  limits: { readonly maxDepth: number; readonly maxAliases: number },
): YamlNode | undefined {
  return new TreeBuilder(text, readEvents(text, limits.maxDepth), limits.maxAliases).next();
}

function readEvents(text: string, maxDepth: number): Event[] {
  try {
    return parseEvents(text, { maxDepth });
  } catch (thrown) {
    if (!(thrown instanceof YAMLException)) throw thrown;
    throw new YamlTextError(thrown.reason, thrown.mark?.position ?? 0);
  }
}

class TreeBuilder {
  readonly #text: string;
  readonly #events: Iterator<Event>;
  readonly #maxAliases: number;
  readonly #anchors = new Map<string, YamlNode>();
  #aliases = 0;
  #offset = 0;

  constructor(text: string, events: Iterable<Event>, maxAliases: number) {
    this.#text = text;
    this.#events = events[Symbol.iterator]();
    this.#maxAliases = maxAliases;
  }

  /** The next node, or undefined at the end of the collection or document. */
  next(): YamlNode | undefined {
    const { value: event } = this.#events.next();
    if (event === undefined || event.type === EVENT_ID.POP) return undefined;
    if (event.type === EVENT_ID.DOCUMENT) return this.next();
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event.anchorStart, event.anchorEnd);
    const node = this.#open(event);
    if (event.anchorStart >= 0)
      this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), node);
    if (node.kind === 'sequence') this.#fillSequence(node);
    if (node.kind === 'mapping') this.#fillMapping(node);
    return node;
  }

  #open(
    event: SequenceEvent | MappingEvent | ScalarEvent,
  ): ScalarNode | SequenceNode | MappingNode {
    if (event.type === EVENT_ID.SCALAR) return this.#scalar(event);
    this.#offset = event.start;
    return event.type === EVENT_ID.SEQUENCE
      ? { kind: 'sequence', start: event.start, items: [] }
      : { kind: 'mapping', start: event.start, pairs: [] };
  }

  #fillSequence(node: SequenceNode): void {
    for (let item = this.next(); item !== undefined; item = this.next()) node.items.push(item);
  }

  #fillMapping(node: MappingNode): void {
    for (let key = this.next(); key !== undefined; key = this.next()) {
      const value = this.next();
      if (value !== undefined) node.pairs.push({ key, value });
    }
  }

  #scalar(event: ScalarEvent): ScalarNode {
    const start = scalarStart(event);
    if (start >= 0) this.#offset = start;
    const tag = event.tagStart < 0 ? '' : shortTag(this.#text.slice(event.tagStart, event.tagEnd));
    return {
      kind: 'scalar',
      start: this.#offset,
      text: getScalarValue(this.#text, event),
      tag: tag === '!' ? 'str' : tag,
      isPlain: event.style === SCALAR_STYLE.PLAIN,
    };
  }

  #alias(start: number, end: number): AliasNode {
    const name = this.#text.slice(start, end);
    this.#aliases += 1;
    if (this.#aliases > this.#maxAliases)
      throw new YamlTextError(`more than ${this.#maxAliases} aliases in one document`, start - 1);
    const target = this.#anchors.get(name);
    if (!target) throw new YamlTextError(`unknown anchor '${name}' referenced`, start - 1);
    return { kind: 'alias', start: start - 1, target };
  }
}

/** Where a reader would point: before the quote, at a block's first line, at a tag. */
function scalarStart(event: ScalarEvent): number {
  if (event.tagStart >= 0) return event.tagStart;
  if (event.valueStart < 0) return -1;
  const isQuoted =
    event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  if (isQuoted) return event.valueStart - 1;
  return event.valueStart + Math.max(event.indent, 0) * Number(event.style !== SCALAR_STYLE.PLAIN);
}

const LONG_TAG = 'tag:yaml.org,2002:';

function shortTag(tag: string): string {
  const bare = tag.startsWith('!<') ? tag.slice(2, -1) : tag;
  if (bare.startsWith(LONG_TAG)) return bare.slice(LONG_TAG.length);
  return bare.startsWith('!!') ? bare.slice(2) : bare;
}
