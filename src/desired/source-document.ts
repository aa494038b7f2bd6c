import type { YamlDocument, YamlPath } from '../lib/go-yaml.ts';
import type { SourcePosition } from '../model/desired.ts';

/** One YAML document of one file. */
export interface SourceDocument {
  readonly file: string;
  readonly yaml: YamlDocument;
}

/** Where the key that `path` ends in stands; of what is not there, its nearest parent. */
export function keyPosition(document: SourceDocument, path: YamlPath): SourcePosition {
  return { file: document.file, ...document.yaml.keyPositionOf(path) };
}

/** Where the value at `path` stands. */
export function valuePosition(document: SourceDocument, path: YamlPath): SourcePosition {
  return { file: document.file, ...document.yaml.positionOf(path) };
}

/** `a.yaml:3:7`. */
export function placeText(position: SourcePosition): string {
  return `${position.file}:${position.line}:${position.column}`;
}
