import type { DesiredCache } from './desired-cache.ts';
import { findPackages } from './find-packages.ts';
import { DESIRED_LIMITS, type ReadDesiredOptions } from './read-desired.ts';
import { readFile } from './read-file.ts';
import { selectFiles, type DesiredFile } from './select-files.ts';

/**
 * Parses into the cache what `readDesired` will ask for, one file at each step: a caller that lets other
 * work run between the steps never computes for long at once.
 */
export function* parseAhead(
  files: readonly DesiredFile[],
  options: ReadDesiredOptions & { readonly cache: DesiredCache },
): Generator<undefined, void> {
  const { paths, targetNamespace, hash, cache } = options;
  const settings = { targetNamespace, hash, limits: { ...DESIRED_LIMITS, ...options.limits } };
  let documents = 0;
  for (const file of findPackages(selectFiles(files, paths)).others) {
    documents += cache.file(file.path, file.text, () => readFile(file, settings)).documents;
    if (documents > settings.limits.maxDocuments) return;
    yield;
  }
}
