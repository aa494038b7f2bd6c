import type { OperatorVersion } from './objects.ts';

/** What was compared last; packages are large and the same two are compared at every pass. */
const compared = new WeakMap<OperatorVersion, { with: OperatorVersion; same: boolean }>();

/** True when KUDO would see no difference: absent, null and empty values are one. */
export function sameContent(a: OperatorVersion, b: OperatorVersion): boolean {
  const known = compared.get(a);
  if (known?.with === b) return known.same;
  const same = JSON.stringify(normal(a.spec ?? {})) === JSON.stringify(normal(b.spec ?? {}));
  compared.set(a, { with: b, same });
  return same;
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, normal(inner)] as const)
    // A default of "" is a default; everywhere else "" and false say what absence says.
    .filter(([name, inner]) => !isEmpty(inner) || (name === 'default' && inner === ''))
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return Array.isArray(value) && value.length === 0;
}
