import { describe, expect, test } from 'vitest';
import { findFirstMatch, parseRepositoryIndex, type RepositoryIndex } from './repository-index.ts';

const INDEX = `
apiVersion: v1
entries:
  foo:
  - {name: foo, operatorVersion: 1.0.0, urls: ["http://localhost/foo-1.0.0.tgz"], digest: 'AB'}
  - {name: foo, appVersion: 2.0.0, operatorVersion: 1.0.1, urls: [foo-2.0.0_1.0.1.tgz]}
  - {name: foo, appVersion: 3.0.0, operatorVersion: 1.0.1}
  bar: []
`;

function parsed(text: string): RepositoryIndex {
  const read = parseRepositoryIndex(text);
  if (!read.ok) throw new Error(read.why);
  return read.index;
}

describe('the version of a repository that fits', () => {
  // As in KUDO's resolver_repo.go, which describes these cases.
  test.each([
    ['the newest when none is asked for', '', '', '3.0.0_1.0.1'],
    ['of an operatorVersion the one with the newest appVersion', '', '1.0.1', '3.0.0_1.0.1'],
    ['both when both are asked for', '2.0.0', '1.0.1', '2.0.0_1.0.1'],
    ['one without appVersion too', '', '1.0.0', '_1.0.0'],
    ['none', '2.0.0', '1.0.0', undefined],
  ])('is %s', (_, appVersion, operatorVersion, expected) => {
    const found = findFirstMatch(parsed(INDEX), 'foo', { appVersion, operatorVersion });
    expect(found && `${found.appVersion}_${found.operatorVersion}`).toBe(expected);
  });

  test('is none of an operator that is not there', () => {
    const any = { appVersion: '', operatorVersion: '' };
    expect(findFirstMatch(parsed(INDEX), 'bar', any)).toBeUndefined();
    expect(findFirstMatch(parsed(INDEX), 'toString', any)).toBeUndefined();
  });
});

test('digests are compared in lower case', () => {
  const oldest = parsed(INDEX).get('foo')?.at(-1);
  expect(oldest).toMatchObject({ digest: 'ab', urls: ['http://localhost/foo-1.0.0.tgz'] });
});

test.each([
  ['no YAML', ': : :'],
  ['without apiVersion', 'entries: {}'],
  ['a page', '<html></html>'],
  ['nothing', ''],
])('what is no index is said: %s', (_, text) => {
  expect(parseRepositoryIndex(text)).toMatchObject({ ok: false });
});
