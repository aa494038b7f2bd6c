import { formatGoFloat } from './go-yaml-float.ts';
import { YamlTextError, type MappingNode, type ScalarNode, type YamlNode } from './go-yaml-node.ts';
import { resolveGoScalar } from './go-yaml-scalar.ts';

interface Settings {
  readonly maxValues: number;
  readonly duplicateKeys?: 'error' | 'last' | undefined;
}

/**
 * The JSON value of a node by the rules of yaml.v2's decode.go and sigs.k8s.io/yaml's yaml.go.
 * Throws YamlTextError.
 */
export function decodeYamlNode(root: YamlNode, settings: Settings): unknown {
  return new Decoder(settings).decode(root);
}

class Decoder {
  readonly #settings: Settings;
  readonly #open = new Set<YamlNode>();
  #values = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  decode(node: YamlNode): unknown {
    this.#values += 1;
    if (this.#values > this.#settings.maxValues)
      throw new YamlTextError(`more than ${this.#settings.maxValues} values`, node.start);
    switch (node.kind) {
      case 'scalar':
        return decodeScalar(node);
      case 'sequence':
        return this.#inside(node, () => node.items.map((item) => this.decode(item)));
      case 'mapping':
        return this.#inside(node, () => this.#mapping(node, {}));
      case 'alias':
        if (this.#open.has(node.target))
          throw new YamlTextError('the anchor contains itself', node.start);
        return this.decode(node.target);
    }
  }

  #inside<T>(node: YamlNode, decode: () => T): T {
    this.#open.add(node);
    const value = decode();
    this.#open.delete(node);
    return value;
  }

  #mapping(node: MappingNode, into: Record<string, unknown>): Record<string, unknown> {
    const seen = new Set<string>();
    for (const { key, value } of node.pairs) {
      if (isMergeKey(key)) {
        this.#merge(value, into);
        continue;
      }
      const name = decodeKey(key);
      if (seen.has(name) && this.#settings.duplicateKeys !== 'last')
        throw new YamlTextError(`the key ${JSON.stringify(name)} is given twice`, key.start);
      seen.add(name);
      setOwn(into, name, this.decode(value));
    }
    return into;
  }

  /** In v2 a merge overwrites the keys before it and is overwritten by those after it. */
  #merge(node: YamlNode, into: Record<string, unknown>): void {
    const sources = node.kind === 'sequence' ? node.items.toReversed() : [node];
    for (const source of sources) {
      const target = source.kind === 'alias' ? source.target : source;
      if (target.kind !== 'mapping' || this.#open.has(target))
        throw new YamlTextError('a merge key (<<) needs a mapping or a list of them', source.start);
      const merged = this.decode(target) as Record<string, unknown>;
      for (const [name, value] of Object.entries(merged)) setOwn(into, name, value);
    }
  }
}

function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

function isMergeKey(key: YamlNode): boolean {
  return (
    key.kind === 'scalar' && key.text === '<<' && (key.tag === 'merge' || (key.isPlain && !key.tag))
  );
}

function decodeKey(key: YamlNode): string {
  if (key.kind === 'alias') return decodeKey(key.target);
  if (key.kind !== 'scalar')
    throw new YamlTextError('a list or mapping cannot be a key', key.start);
  const value = typedScalar(key);
  if (value === null) throw new YamlTextError('null cannot be a key', key.start);
  if (typeof value === 'bigint' && value > 2n ** 63n - 1n)
    throw new YamlTextError('a number this large cannot be a key', key.start);
  if (typeof value !== 'number') return String(value);
  const text = formatGoFloat(value, 32);
  return SPECIAL_KEYS[text] ?? text;
}

/** A key goes through a 32-bit float, for which large numbers are infinite. */
const SPECIAL_KEYS: Readonly<Record<string, string>> = {
  '+Inf': '.inf',
  '-Inf': '-.inf',
  NaN: '.nan',
};

function decodeScalar(node: ScalarNode): unknown {
  const value = typedScalar(node);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new YamlTextError(`${node.text} is not a number that JSON can hold`, node.start);
  return value;
}

type Scalar = null | boolean | number | bigint | string;

const RESOLVED_TAGS: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int: 'integer',
  float: 'float',
  null: 'null',
  timestamp: 'timestamp',
};

function typedScalar(node: ScalarNode): Scalar {
  if (node.tag === '') return node.isPlain ? plainScalar(node.text) : node.text;
  if (node.tag === 'binary') return decodeBinary(node.text, node.start);
  const wanted = RESOLVED_TAGS[node.tag];
  if (wanted === undefined) return node.text;
  const { kind } = resolveGoScalar(node.text);
  const isWidened = wanted === 'float' && kind === 'integer';
  if (kind !== wanted && !isWidened)
    throw new YamlTextError(
      `cannot decode ${JSON.stringify(node.text)} as !!${node.tag}`,
      node.start,
    );
  const value = plainScalar(node.text);
  return isWidened ? Number(value) : value;
}

function plainScalar(text: string): Scalar {
  const scalar = resolveGoScalar(text);
  if (scalar.kind === 'null') return null;
  return 'value' in scalar ? scalar.value : text;
}

function decodeBinary(text: string, start: number): string {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    throw new YamlTextError('the !!binary value is not valid base64', start);
  }
}

interface Place {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

/** The node at `path`, or the nearest one above it. */
export function findYamlNode(
  root: YamlNode,
  path: readonly (string | number)[],
): Place & { readonly isExact: boolean } {
  let place: Place = { key: root, value: root };
  for (const step of path) {
    const next = childOf(place.value, step);
    if (next === undefined) return { ...place, isExact: false };
    place = next;
  }
  return { ...place, isExact: true };
}

function childOf(node: YamlNode, step: string | number): Place | undefined {
  if (node.kind === 'alias') return childOf(node.target, step);
  if (node.kind === 'sequence') {
    const item = node.items[Number(step)];
    return item && { key: item, value: item };
  }
  if (node.kind !== 'mapping') return undefined;
  for (const pair of node.pairs.toReversed()) {
    const found = isMergeKey(pair.key) ? mergedChild(pair.value, step) : pair;
    if (found !== undefined && (found !== pair || decodeKey(pair.key) === step)) return found;
  }
  return undefined;
}

function mergedChild(node: YamlNode, step: string | number): Place | undefined {
  const sources = node.kind === 'sequence' ? node.items : [node];
  for (const source of sources) {
    const found = childOf(source, step);
    if (found !== undefined) return found;
  }
  return undefined;
}
