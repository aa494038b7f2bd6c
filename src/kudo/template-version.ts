/** A version as sprig's `semver` gives it: `*semver.Version`, or the struct itself when it was counted up. */
export class GoVersion {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: string;
  readonly metadata: string;
  readonly original: string;
  /** False for what IncMajor, IncMinor and IncPatch return, which Go prints field by field. */
  readonly isPointer: boolean;

  constructor(
    numbers: readonly [bigint, bigint, bigint],
    labels: readonly [prerelease: string, metadata: string],
    original: string | undefined,
    isPointer = true,
  ) {
    [this.major, this.minor, this.patch] = numbers;
    [this.prerelease, this.metadata] = labels;
    this.isPointer = isPointer;
    this.original = original ?? this.text();
  }

  /** Version.String of Masterminds/semver v1. */
  text(): string {
    const prerelease = this.prerelease === '' ? '' : `-${this.prerelease}`;
    const metadata = this.metadata === '' ? '' : `+${this.metadata}`;
    return `${this.major}.${this.minor}.${this.patch}${prerelease}${metadata}`;
  }

  toString(): string {
    if (this.isPointer) return this.text();
    const { major, minor, patch, prerelease, metadata, original } = this;
    return `{${major} ${minor} ${patch} ${prerelease} ${metadata} ${original}}`;
  }
}

const VERSION =
  /^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(-([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?(\+([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?$/;

/** semver.NewVersion; throws its text when it is none. */
export function parseVersion(text: string): GoVersion {
  const found = VERSION.exec(text);
  if (!found) throw new Error('Invalid Semantic Version');
  const [, major = '', minor = '', patch = '', , prerelease = '', , , metadata = ''] = found;
  const numbers = [segment(major), segment(minor), segment(patch)] as const;
  if (numbers.some((part) => part >= 2n ** 63n))
    throw new Error('Error parsing version segment: value out of range');
  return new GoVersion([...numbers], [prerelease, metadata], text);
}

function segment(text: string): bigint {
  return BigInt(text.replace('.', '') || '0');
}

/** What a template gets of `(semver "1.2.3").Major` and the like; undefined for what is no such method. */
export function versionMethod(version: GoVersion, name: string): unknown {
  if (!version.isPointer) return undefined;
  const read = METHODS[name];
  return read === undefined ? next(version, name) : read(version);
}

const METHODS: Readonly<Record<string, (version: GoVersion) => unknown>> = {
  Major: ({ major }) => major,
  Minor: ({ minor }) => minor,
  Patch: ({ patch }) => patch,
  Prerelease: ({ prerelease }) => prerelease,
  Metadata: ({ metadata }) => metadata,
  Original: ({ original }) => original,
  String: (version) => version.text(),
};

function next({ major, minor, patch, prerelease, original }: GoVersion, name: string): unknown {
  const increased = { IncMajor: [major + 1n, 0n, 0n], IncMinor: [major, minor + 1n, 0n] }[name];
  const counted = increased ?? [major, minor, prerelease === '' ? patch + 1n : patch];
  if (increased === undefined && name !== 'IncPatch') return undefined;
  const [first = 0n, second = 0n, third = 0n] = counted;
  const text = `${first}.${second}.${third}`;
  const prefix = original.startsWith('v') ? 'v' : '';
  return new GoVersion([first, second, third], ['', ''], prefix + text, false);
}
