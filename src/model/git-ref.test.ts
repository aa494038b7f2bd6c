import { expect, test } from 'vitest';
import { chooseRef, followedRef, GitRef, refPrefixes } from './git-ref.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const C = 'c'.repeat(40);
const REFS = new Map([
  ['refs/heads/main', A],
  ['refs/tags/v1.0.0', A],
  ['refs/tags/1.2.0', B],
  ['refs/tags/v1.10.0', C],
  ['refs/tags/v2.0.0-rc.1', B],
  ['refs/tags/v2', A],
  ['refs/tags/nightly', A],
]);

const followed = (ref: unknown) => followedRef(GitRef.parse(ref));
const chosen = (ref: unknown) => chooseRef(followed(ref), REFS);

test.each([
  {
    why: 'main when nothing is said',
    ref: undefined,
    expected: { kind: 'branch', branch: 'main' },
  },
  { why: 'main when nothing is named', ref: {}, expected: { kind: 'branch', branch: 'main' } },
  {
    why: 'a tag over a branch',
    ref: { branch: 'x', tag: 'v1' },
    expected: { kind: 'tag', tag: 'v1' },
  },
  {
    why: 'a range over a tag',
    ref: { tag: 'v1', semver: '1.x' },
    expected: { kind: 'semver', range: '1.x' },
  },
  {
    why: 'a commit over everything, on its branch',
    ref: { branch: 'x', tag: 'v1', semver: '1.x', commit: A },
    expected: { kind: 'commit', oid: A, branch: 'x' },
  },
])('follows $why', ({ ref, expected }) => {
  expect(followed(ref)).toEqual(expected);
});

test.each([
  { semver: '1.x', tag: '1.10.0', oid: C },
  { semver: '>=1.0.0 <1.10.0', tag: '1.2.0', oid: B },
  { semver: '>=1.0.0, <1.10.0', tag: '1.2.0', oid: B },
  { semver: '~1.0.0', tag: '1.0.0', oid: A },
  { semver: '*', tag: '1.10.0', oid: C },
  { semver: '>=1.0.0-0', tag: '2.0.0-rc.1', oid: B },
])('$semver is the highest version in the range, $tag', ({ semver, tag, oid }) => {
  expect(chosen({ semver })).toMatchObject({ oid });
  expect(chosen({ semver })?.ref?.replace(/^refs\/tags\/v?/, '')).toBe(tag);
});

test('of two tags that mean the same version one is always chosen', () => {
  const twice = [
    ['refs/tags/v1.0.0', A],
    ['refs/tags/1.0.0', B],
  ] as const;
  const range = followed({ semver: '1.0.0' });
  expect(chooseRef(range, new Map(twice))).toEqual(chooseRef(range, new Map(twice.toReversed())));
});

test('nothing is chosen when the server has no such ref', () => {
  expect(chosen({ branch: 'other' })).toBeUndefined();
  expect(chosen({ tag: 'v3' })).toBeUndefined();
  expect(chosen({ semver: '>=3' })).toBeUndefined();
  expect(chosen({ commit: C, branch: 'other' })).toBeUndefined();
});

test('a commit needs no ref, unless it is to be on a branch', () => {
  expect(chosen({ commit: C })).toEqual({ ref: undefined, oid: C });
  expect(chosen({ commit: C, branch: 'main' })).toEqual({
    ref: 'refs/heads/main',
    oid: C,
    branchHead: A,
  });
  expect(refPrefixes(followed({ commit: C }))).toEqual(['HEAD']);
});

test.each([
  { branch: '--upload-pack=x' },
  { branch: 'a..b' },
  { tag: 'a b' },
  { tag: 'refs/../x\n' },
  { semver: 'newest' },
  { commit: 'abc123' },
  { commit: `${A}\n` },
  { branch: '' },
  { name: 'refs/heads/main' },
])('refuses %o', (ref) => {
  expect(GitRef.safeParse(ref).success).toBe(false);
});
