import { resolvePackage } from '../kudo/package-dependencies.ts';
import { withRuntimeFindings } from '../kudo/package-lint.ts';
import { readPackage, type PackageReading } from '../kudo/package-reader.ts';
import { findPackages, type PackageFolder } from './find-packages.ts';
import type { PackageCandidate } from './named-dependencies.ts';
import type { PackageLoad, PinnedSource } from './package-pin.ts';
import { sourceId } from './package-pin.ts';
import type { Reading } from './reading.ts';

/** Packages that may name each other by relative paths, with the namespace of what is made of them. */
export interface PackageGroup {
  /** Those of which objects are made. */
  readonly folders: readonly PackageFolder[];
  readonly readings: ReadonlyMap<string, PackageReading>;
  readonly namespace: string;
  /** Of packages that live elsewhere. */
  readonly pinned?: PinnedGroup | undefined;
}

/** Where a group came from. */
export interface PinnedGroup extends PinnedSource {
  readonly load: Extract<PackageLoad, { kind: 'loaded' }>;
}

/** The packages of this repository. */
export function ownGroup(folders: readonly PackageFolder[], reading: Reading): PackageGroup {
  const { targetNamespace: namespace } = reading.settings;
  return { folders, readings: readAll(folders, '', reading), namespace };
}

/** A package that was loaded from elsewhere, with those that it names by path. */
export function pinnedGroup(
  pinned: PinnedGroup,
  at: { readonly namespace: string; readonly layer: number },
  reading: Reading,
): PackageGroup {
  const { files, root } = pinned.load;
  const all = [...files].map(([path, text]) => ({ path, text, layer: at.layer }));
  const found = findPackages(all).packages;
  const readings = readAll(found, `${sourceId(pinned.source)} `, reading);
  const wanted = new Set([root, ...(resolvePackage(root, readings)?.dependencies ?? [])]);
  const folders = found.filter(({ folder }) => wanted.has(folder));
  return { folders, readings, namespace: at.namespace, pinned };
}

function readAll(
  folders: readonly PackageFolder[],
  prefix: string,
  { cache }: Reading,
): ReadonlyMap<string, PackageReading> {
  return new Map(
    folders.map(({ folder, files }) => [
      folder,
      cache.package(prefix + folder, files, () => withRuntimeFindings(readPackage(files))),
    ]),
  );
}

/** What packages of `namespace` may depend on by name. */
export function candidatesIn(
  namespace: string,
  groups: readonly PackageGroup[],
): readonly PackageCandidate[] {
  return groups
    .filter((group) => group.namespace === namespace)
    .flatMap(({ folders, readings, pinned }) =>
      folders.flatMap(({ folder }) => {
        const operatorVersion = readings.get(folder)?.operatorVersion;
        const isRoot = pinned?.load.root === folder && pinned.source.kind === 'tarball';
        return operatorVersion
          ? [{ operatorVersion, url: isRoot ? pinned.source.url : undefined }]
          : [];
      }),
    );
}
