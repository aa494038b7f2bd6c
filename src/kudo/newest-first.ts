import { parseVersion, type GoVersion } from './template-version.ts';

/** A version of a package as repositories order them. */
export interface PackageVersion {
  readonly operatorVersion: string;
  /** Empty when the package has none. */
  readonly appVersion: string;
}

/**
 * KUDO's order of the versions of a package, newest first: by appVersion, then by operatorVersion; what is no
 * semantic version comes last (util/repo/index.go, Less).
 */
export function newestFirst(a: PackageVersion, b: PackageVersion): number {
  return (
    compareVersions(b.appVersion, a.appVersion) ||
    compareVersions(b.operatorVersion, a.operatorVersion)
  );
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [versionOf(a), versionOf(b)];
  if (!left || !right) return Number(left !== undefined) - Number(right !== undefined);
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (left[part] !== right[part]) return left[part] < right[part] ? -1 : 1;
  }
  return comparePrereleases(left.prerelease, right.prerelease);
}

function versionOf(text: string): GoVersion | undefined {
  try {
    return parseVersion(text);
  } catch {
    return undefined;
  }
}

/** semver.org, 11: a version without one is newer; numbers before words, part by part. */
function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  const [left, right] = [a.split('.'), b.split('.')];
  const at = left.findIndex((part, index) => part !== right[index]);
  const [first, second] = [left[at], right[at]];
  if (first === undefined || second === undefined) return left.length - right.length;
  return comparePart(first, second);
}

function comparePart(a: string, b: string): number {
  const [left, right] = [a, b].map((part) => /^\d+$/.test(part));
  if (left && right) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : 1;
}
