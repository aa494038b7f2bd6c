import { DesiredCache } from './desired-cache.ts';
import type { PinnedSource } from './package-pin.ts';
import { findPackages } from './find-packages.ts';
import { LayeredObjects } from './layered-objects.ts';
import type { PackagePin } from './package-pin.ts';
import { ProblemList } from './problem-list.ts';
import { DESIRED_LIMITS, type ReadDesiredOptions } from './read-desired.ts';
import { readFile } from './read-file.ts';
import { selectFiles, type DesiredFile } from './select-files.ts';

const MENTIONS = /\bPackage\b/;

/**
 * What has to be loaded from elsewhere before `readDesired` can say what the files mean. What is wrong with
 * them is left to `readDesired`, which parses them again unless both are given the same cache.
 */
export function findPackagePins(
  files: readonly DesiredFile[],
  options: ReadDesiredOptions,
): readonly PinnedSource[] {
  if (!files.some(({ text }) => MENTIONS.test(text))) return [];
  const { paths, targetNamespace, hash, cache = new DesiredCache() } = options;
  const limits = { ...DESIRED_LIMITS, ...options.limits };
  const pins = new LayeredObjects<PackagePin>('Package', paths.length, new ProblemList(0));
  for (const file of findPackages(selectFiles(files, paths)).others) {
    if (!MENTIONS.test(file.text)) continue;
    const settings = { targetNamespace, hash, limits };
    const { packages } = cache.file(file.path, file.text, () => readFile(file, settings));
    for (const pin of packages) pins.add(file.layer, pin);
  }
  return pins.merged((_, over) => over).flatMap(({ object }) => object.sources);
}
