import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** A text of the examples, by its path below `examples/fleet`. */
export interface CorpusFile {
  readonly path: string;
  readonly text: string;
}

/** The files of a folder of `examples/`, sorted by path: what every input starts from. */
export function corpusFiles(folder: string): readonly CorpusFile[] {
  const root = join(EXAMPLES, folder);
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));
}
