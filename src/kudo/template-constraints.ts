import { parseVersion, type GoVersion } from './template-version.ts';

const RELEASE = String.raw`v?([0-9xX*|]+)(\.[0-9xX*|]+)?(\.[0-9xX*|]+)?`;
const LABELS = String.raw`((?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)`;
const CONSTRAINT = new RegExp(
  String.raw`^\s*(!=|>=|=>|<=|=<|~>|=|>|<|~|\^|)\s*${RELEASE}${LABELS}\s*$`,
);
const VERSION_TEXT = `${RELEASE}${LABELS}`.replaceAll(/\((?!\?)/g, '(?:');
const RANGE = new RegExp(String.raw`\s*(${VERSION_TEXT})\s+-\s+(${VERSION_TEXT})\s*`, 'g');

/** sprig's semverCompare, with the rules of Masterminds/semver v1; throws what Go says of wrong ones. */
export function satisfies(constraint: string, text: string): boolean {
  const alternatives = constraint
    .replaceAll(RANGE, (_all, from: string, to: string) => `>= ${from}, <= ${to}`)
    .split('||')
    .map((part) => part.split(',').map(parseConstraint));
  const version = parseVersion(text);
  return alternatives.some((all) => all.every((one) => isMet(version, one)));
}

interface Constraint {
  readonly operator: string;
  readonly version: GoVersion;
  /** Written with `x`, or with parts left out. */
  readonly isOpen: boolean;
  readonly isMinorOpen: boolean;
  readonly isPatchOpen: boolean;
}

function parseConstraint(text: string): Constraint {
  const found = CONSTRAINT.exec(text)?.map((part: string | undefined) => part ?? '');
  if (!found) throw new Error(`improper constraint: ${text}`);
  const [, operator = '', ...parts] = found;
  const openPart = parts.slice(0, 3).findIndex((part, index) => isOpenPart(part, index));
  const numbers = parts.slice(0, openPart < 0 ? 3 : openPart).join('');
  const zeros = ['0.0.0', '.0.0', '.0'][openPart] ?? '';
  const labels = openPart === 0 ? '' : (parts[3] ?? '');
  return {
    operator,
    version: versionIn(numbers + zeros + labels),
    isOpen: openPart >= 0,
    isMinorOpen: openPart === 1,
    isPatchOpen: openPart === 2,
  };
}

/** `x` and its like leave a part open, and so does no minor part at all. */
function isOpenPart(part: string, index: number): boolean {
  return /^\.?[xX*]$/.test(part) || (index === 1 && part === '');
}

function versionIn(text: string): GoVersion {
  try {
    return parseVersion(text);
  } catch (cause) {
    throw new Error('constraint Parser Error', { cause });
  }
}

type Check = (version: GoVersion, constraint: Constraint) => boolean;

const isEqualOrNear: Check = (version, constraint) =>
  constraint.isOpen ? isNear(version, constraint) : compare(version, constraint.version) === 0;
const isAtLeast: Check = (version, constraint) => compare(version, constraint.version) >= 0;
const isAtMost: Check = (version, constraint) =>
  constraint.isOpen ? isBelow(version, constraint) : compare(version, constraint.version) <= 0;

const CHECKS: Readonly<Record<string, Check>> = {
  '': isEqualOrNear,
  '=': isEqualOrNear,
  '>': (version, constraint) => compare(version, constraint.version) > 0,
  '>=': isAtLeast,
  '=>': isAtLeast,
  '<': (version, constraint) =>
    constraint.isOpen ? isBelow(version, constraint) : compare(version, constraint.version) < 0,
  '<=': isAtMost,
  '=<': isAtMost,
  '^': (version, constraint) =>
    isAtLeast(version, constraint) && version.major === constraint.version.major,
  '~': isNear,
  '~>': isNear,
};

/** A prerelease is only for constraints that name one. */
function isMet(version: GoVersion, constraint: Constraint): boolean {
  const { operator, version: wanted, isOpen } = constraint;
  const isHidden = version.prerelease !== '' && wanted.prerelease === '';
  if (operator === '!=' && !isOpen) return compare(version, wanted) !== 0;
  if (isHidden) return false;
  return operator === '!='
    ? differs(version, constraint)
    : CHECKS[operator]?.(version, constraint) === true;
}

function differs(version: GoVersion, { version: wanted, isMinorOpen }: Constraint): boolean {
  return version.major !== wanted.major || (version.minor !== wanted.minor && !isMinorOpen);
}

function isBelow(version: GoVersion, { version: wanted, isMinorOpen }: Constraint): boolean {
  return version.major <= wanted.major && (version.minor <= wanted.minor || isMinorOpen);
}

function isNear(version: GoVersion, constraint: Constraint): boolean {
  const { version: wanted, isMinorOpen, isPatchOpen } = constraint;
  if (compare(version, wanted) < 0) return false;
  const isZero = wanted.major === 0n && wanted.minor === 0n && wanted.patch === 0n;
  return (isZero && !isMinorOpen && !isPatchOpen) || !differs(version, constraint);
}

function compare(a: GoVersion, b: GoVersion): number {
  for (const part of ['major', 'minor', 'patch'] as const)
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1;
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === '') return 1;
  return b.prerelease === '' ? -1 : comparePrereleases(a.prerelease, b.prerelease);
}

function comparePrereleases(a: string, b: string): number {
  const [first, second] = [a.split('.'), b.split('.')];
  for (let index = 0; index < Math.max(first.length, second.length); index += 1) {
    const order = comparePart(first[index] ?? '', second[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers come before words, and a part that is missing before both. */
function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [rankOf(a), rankOf(b)];
  if (left !== right) return left - right;
  const isLess = left === 1 ? BigInt(a) < BigInt(b) : a < b;
  return isLess ? -1 : 1;
}

function rankOf(part: string): number {
  if (part === '') return 0;
  return /^[0-9]+$/.test(part) ? 1 : 2;
}
