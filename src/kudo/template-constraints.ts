import { parseVersion, type GoVersion } from './template-version.ts';

const RELEASE = String.raw`v?([0-9xX*|]+)(\.[0-9xX*|]+)?(\.[0-9xX*|]+)?`;
const LABELS = String.raw`(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`;
const CONSTRAINT = new RegExp(
  String.raw`^\s*(!=|>=|=>|<=|=<|~>|=|>|<|~|\^|)\s*${RELEASE}${LABELS}\s*$`,
);
const VERSION_TEXT = `${RELEASE}${LABELS}`.replaceAll(/\((?!\?)/g, '(?:');
const RANGE = new RegExp(String.raw`\s*(${VERSION_TEXT})\s+-\s+(${VERSION_TEXT})\s*`, 'g');

/** sprig's semverCompare, with the rules of Masterminds/semver v1; throws what Go says of wrong ones. */
export function satisfies(constraint: string, text: string): boolean {
  const alternatives = constraint
    .replaceAll(RANGE, (all, from: string, to: string) => `>= ${from}, <= ${to}`)
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
  const found = CONSTRAINT.exec(text);
  if (!found) throw new Error(`improper constraint: ${text}`);
  const [, operator = '', major = '', minor = '', patch = '', labels = ''] = found;
  const isMajorOpen = isX(major);
  const isMinorOpen = !isMajorOpen && (minor === '' || isX(minor.slice(1)));
  const isPatchOpen = !isMajorOpen && !isMinorOpen && isX(patch.slice(1));
  const isOpen = isMajorOpen || isMinorOpen || isPatchOpen;
  const numbers = isMajorOpen ? '0.0.0' : isMinorOpen ? `${major}.0.0` : `${major}${minor}`;
  const last = isPatchOpen ? '.0' : isOpen ? '' : patch;
  try {
    const version = parseVersion(`${numbers}${last}${isMajorOpen ? '' : labels}`);
    return { operator, version, isOpen, isMinorOpen, isPatchOpen };
  } catch {
    throw new Error('constraint Parser Error');
  }
}

const isX = (part: string): boolean => /^[xX*]$/.test(part);

function isMet(version: GoVersion, constraint: Constraint): boolean {
  const { operator, version: wanted, isOpen } = constraint;
  const isHidden = version.prerelease !== '' && wanted.prerelease === '';
  if (operator === '!=')
    return isOpen ? !isHidden && differs(version, constraint) : compare(version, wanted) !== 0;
  if (isHidden) return false;
  switch (operator) {
    case '>':
      return compare(version, wanted) > 0;
    case '>=':
    case '=>':
      return compare(version, wanted) >= 0;
    case '<':
      return isOpen ? isBelow(version, constraint) : compare(version, wanted) < 0;
    case '<=':
    case '=<':
      return isOpen ? isBelow(version, constraint) : compare(version, wanted) <= 0;
    case '^':
      return compare(version, wanted) >= 0 && version.major === wanted.major;
    case '~':
    case '~>':
      return isNear(version, constraint);
    default:
      return isOpen ? isNear(version, constraint) : compare(version, wanted) === 0;
  }
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
  if (a === '' || b === '') return a === '' ? -1 : 1;
  const [isNumber, isOther] = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)];
  if (isNumber && isOther) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return a < b ? -1 : 1;
}
