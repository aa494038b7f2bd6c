import type { PackageReading } from '../kudo/package-reader.ts';
import type { FileReading } from './read-file.ts';

/**
 * Remembers what the files of the last revision say, so that reading the next one costs only what
 * changed. Belongs to one Sync: namespace and limits are not part of the keys.
 */
export class DesiredCache {
  #files = new Map<string, { readonly text: string; readonly reading: FileReading }>();
  #packages = new Map<string, CachedPackage>();
  #usedFiles = new Map<string, { readonly text: string; readonly reading: FileReading }>();
  #usedPackages = new Map<string, CachedPackage>();

  file(path: string, text: string, read: () => FileReading): FileReading {
    const known = this.#usedFiles.get(path) ?? this.#files.get(path);
    const entry = known?.text === text ? known : { text, reading: read() };
    this.#usedFiles.set(path, entry);
    return entry.reading;
  }

  package(
    folder: string,
    files: ReadonlyMap<string, string>,
    read: () => PackageReading,
  ): PackageReading {
    const known = this.#packages.get(folder);
    const entry = known && isSame(known.files, files) ? known : { files, reading: read() };
    this.#usedPackages.set(folder, entry);
    return entry.reading;
  }

  /** Ends a revision: what it did not use is forgotten. */
  endRevision(): void {
    [this.#files, this.#usedFiles] = [this.#usedFiles, new Map()];
    [this.#packages, this.#usedPackages] = [this.#usedPackages, new Map()];
  }
}

interface CachedPackage {
  readonly files: ReadonlyMap<string, string>;
  readonly reading: PackageReading;
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);
}
