import { pinnedGroup, type PackageGroup } from './package-group.ts';
import { sourceId, sourceText, type PackageLoad, type PackagePin } from './package-pin.ts';
import type { Reading } from './reading.ts';

/** What Packages name, as far as it was loaded. */
export interface PinReading {
  readonly groups: readonly PackageGroup[];
  /** False when something is missing that Git names. */
  readonly isWhole: boolean;
}

/** The packages that live elsewhere; of those that are not there a problem says why. */
export function readPins(
  loads: ReadonlyMap<string, PackageLoad> | undefined,
  reading: Reading,
): PinReading {
  const groups: PackageGroup[] = [];
  let isWhole = true;
  for (const { object: pin, layers } of reading.packages.merged((_, over) => over)) {
    for (const { source, position } of pin.sources) {
      const load = loads?.get(sourceId(source)) ?? NOT_TRIED;
      isWhole &&= load.kind === 'loaded';
      if (load.kind === 'loaded') {
        const at = { namespace: pin.namespace, layer: layers.at(-1) ?? 0 };
        groups.push(pinnedGroup({ source, position, load }, at, reading));
      } else {
        reportMissing(load, { pin, source, position }, reading);
      }
    }
  }
  return { groups, isWhole };
}

/** How the text of a problem begins that says that a package could not be loaded, behind its place. */
export const PACKAGE_PROBLEM = /^\S+:\d+:\d+: Package \S+, /;

const NOT_TRIED: PackageLoad = { kind: 'not-tried', why: 'nothing was fetched' };

function reportMissing(
  load: Exclude<PackageLoad, { kind: 'loaded' }>,
  { pin, source, position }: { pin: PackagePin } & PackagePin['sources'][number],
  { problems }: Reading,
): void {
  const what = `Package ${pin.key}, ${sourceText(source)}`;
  if (load.kind === 'not-tried') {
    const message = `${what}: not checked, because ${load.why}`;
    problems.warning(position, { id: 'package-not-checked', message });
    return;
  }
  const message = `${what}: ${load.message}`;
  problems.error(position, { id: 'package-not-loaded', message, hint: load.hint });
}
