import type { SourcePosition } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { ProblemList } from './problem-list.ts';

interface UnreadableFile {
  readonly path: string;
  readonly layer: number;
  /** Undefined when not even the text is known: then any Instance may be in it. */
  readonly text: string | undefined;
}

interface Held {
  readonly key: ObjectKey;
  readonly name: string;
  readonly position: SourcePosition;
}

/**
 * Files that could not be read whole. Such a file may hold a layer of an Instance that other layers
 * define; applying those alone would undo what the file says. So an Instance that it mentions is held.
 */
export class UnreadableFiles {
  readonly #files: UnreadableFile[] = [];

  add(file: UnreadableFile): void {
    if (!this.#files.some(({ path }) => path === file.path)) this.#files.push(file);
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  /** True when one of them may be about an Instance of that name. */
  mayName(name: string): boolean {
    return this.#files.some(({ text }) => text === undefined || mentions(text, name));
  }

  /** True when the object, found in `layers`, must wait until a file can be read; says so in `problems`. */
  holds(draft: Held, layers: readonly number[], problems: ProblemList): boolean {
    const file = this.#files.find(
      ({ layer, text }) =>
        !layers.includes(layer) && (text === undefined || mentions(text, draft.name)),
    );
    if (!file) return false;
    problems.error(draft.position, {
      id: 'held-by-unreadable-file',
      message: `${draft.key} is left as it is: ${file.path} may change it and cannot be read`,
      hint: `repair ${file.path}`,
    });
    return true;
  }
}

function mentions(text: string, name: string): boolean {
  const escaped = name.replaceAll('.', String.raw`\.`);
  return new RegExp(`(^|[^a-z0-9.-])${escaped}($|[^a-z0-9.-])`).test(text);
}
