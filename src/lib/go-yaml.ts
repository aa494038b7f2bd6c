import { decodeYamlNode, findYamlNode } from './go-yaml-decode.ts';
import { parseYamlNode, YamlTextError, type YamlNode } from './go-yaml-node.ts';

/** Where something stands in a text: both count from 1, columns in UTF-16 units. */
export interface YamlPosition {
  readonly line: number;
  readonly column: number;
}

/** Keys and indexes from a document's root to a value. */
export type YamlPath = readonly (string | number)[];

/** Something wrong in a YAML text. */
export interface YamlError extends YamlPosition {
  readonly message: string;
}

export interface YamlDocument {
  /** Null, booleans, numbers, strings, arrays and plain objects, as kubectl would turn the document into JSON. */
  readonly value: unknown;
  /** Where the value at `path` starts; of a path that is not there, its nearest parent. */
  positionOf(path: YamlPath): YamlPosition;
  /** Where the key that `path` ends in starts; of an item of a list, the item. */
  keyPositionOf(path: YamlPath): YamlPosition;
  /** The scalar at `path` as it is written (`1.10`, `yes`), without quotes; undefined when it is not a scalar. */
  textOf(path: YamlPath): string | undefined;
}

/** Bounds on a YAML text; beyond them it is an error. */
export interface YamlLimits {
  /** Longest text, in UTF-16 units. */
  readonly maxLength: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxDocuments: number;
  /** Most values a document may have once its aliases are written out. */
  readonly maxValues: number;
}

export const YAML_LIMITS: YamlLimits = {
  maxLength: 4 * 1024 * 1024,
  maxDepth: 100,
  maxAliases: 100,
  maxDocuments: 10_000,
  maxValues: 500_000,
};

export interface YamlOptions extends Partial<YamlLimits> {
  /** `error` as kubectl does, or `last` to let the last of two equal keys win as sigs.k8s.io/yaml's Unmarshal does. Default `error`. */
  readonly duplicateKeys?: 'error' | 'last' | undefined;
}

/**
 * The documents of a YAML text, read as sigs.k8s.io/yaml reads them (YAML 1.1 scalars, merge keys; null
 * keys and infinite numbers are errors). A broken document is an error and does not hide the others.
 * Empty documents are left out. Never throws.
 */
export function parseYamlDocuments(
  text: string,
  options: YamlOptions = {},
): { readonly documents: readonly YamlDocument[]; readonly errors: readonly YamlError[] } {
  const limits = { ...YAML_LIMITS, ...options };
  const locate = positions(text);
  if (text.length > limits.maxLength)
    return {
      documents: [],
      errors: [{ line: 1, column: 1, message: tooLong(limits.maxLength) }],
    };
  const documents: YamlDocument[] = [];
  const errors: YamlError[] = [];
  for (const [index, part] of splitDocuments(text).entries()) {
    if (index >= limits.maxDocuments) {
      const message = `more than ${limits.maxDocuments} documents`;
      errors.push({ ...locate(part.start), message });
      break;
    }
    const parsed = parsePart(part, limits, locate);
    if (parsed === undefined) continue;
    if ('message' in parsed) errors.push(parsed);
    else documents.push(parsed);
  }
  return { documents, errors };
}

/**
 * The value of the first document of a YAML text, as sigs.k8s.io/yaml's Unmarshal reads it (null when
 * there is none; the last of two equal keys wins; what follows the document is not looked at).
 */
export function parseFirstYamlDocument(
  text: string,
):
  | { readonly ok: true; readonly document: YamlDocument | undefined }
  | { readonly ok: false; readonly error: YamlError } {
  const locate = positions(text);
  if (text.length > YAML_LIMITS.maxLength)
    return { ok: false, error: { line: 1, column: 1, message: tooLong(YAML_LIMITS.maxLength) } };
  const [part = { start: 0, text: '' }] = splitDocuments(text);
  const parsed = parsePart(part, { ...YAML_LIMITS, duplicateKeys: 'last' }, locate);
  if (parsed !== undefined && 'message' in parsed) return { ok: false, error: parsed };
  return { ok: true, document: parsed };
}

const tooLong = (maxLength: number): string => `longer than ${maxLength} characters`;

interface Part {
  readonly start: number;
  readonly text: string;
}

type Locate = (offset: number) => YamlPosition;
type Settings = YamlLimits & YamlOptions;

function parsePart(
  part: Part,
  settings: Settings,
  locate: Locate,
): YamlDocument | YamlError | undefined {
  try {
    const root = parseYamlNode(part.text, settings);
    if (root === undefined || isNothing(root)) return undefined;
    const value = decodeYamlNode(root, settings);
    const at = (node: YamlNode): YamlPosition => locate(part.start + node.start);
    return {
      value,
      positionOf: (path) => at(findYamlNode(root, path).value),
      keyPositionOf: (path) => at(findYamlNode(root, path).key),
      textOf: (path) => {
        const found = findYamlNode(root, path);
        return found.isExact && found.value.kind === 'scalar' ? found.value.text : undefined;
      },
    };
  } catch (thrown) {
    if (!(thrown instanceof YamlTextError)) throw thrown;
    return { ...locate(part.start + thrown.offset), message: thrown.message };
  }
}

function isNothing(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.isPlain && node.text === '' && node.tag === '';
}

/** Cuts at lines that start with `---`, which YAML allows nowhere inside a document. */
function splitDocuments(text: string): Part[] {
  const starts = [0];
  for (const marker of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    const before = text.slice(starts.at(-1), marker.index);
    const isPrologue = before.split('\n').every((line) => /^\s*(#.*|%.*)?$/.test(line));
    if (!isPrologue) starts.push(marker.index);
  }
  return starts.map((start, index) => ({ start, text: text.slice(start, starts[index + 1]) }));
}

function positions(text: string): Locate {
  const lineStarts = [0];
  for (const match of text.matchAll(/\n/g)) lineStarts.push(match.index + 1);
  return (offset) => {
    let [low, high] = [0, lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
  };
}
