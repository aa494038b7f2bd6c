import { expect, test } from 'vitest';
import { newestFirst } from './newest-first.ts';

/** `appVersion/operatorVersion`, either may be empty. */
function sorted(...versions: readonly string[]): readonly string[] {
  return versions.toSorted((left, right) => newestFirst(parse(left), parse(right)));
}

function parse(text: string) {
  const [appVersion = '', operatorVersion = ''] = text.split('/');
  return { appVersion, operatorVersion };
}

test.each([
  [
    'by appVersion before operatorVersion',
    ['1.0.0/9.0.0', '2.0.0/1.0.0'],
    ['2.0.0/1.0.0', '1.0.0/9.0.0'],
  ],
  ['as numbers, not as text', ['/1.9.0', '/1.10.0'], ['/1.10.0', '/1.9.0']],
  ['short forms and a v are versions', ['/1.1', '/v2', '/1.2.0'], ['/v2', '/1.2.0', '/1.1']],
  [
    'what is no version comes last',
    ['bar/1.0.0', '/2.0.0', '0.1.0/1.0.0'],
    ['0.1.0/1.0.0', '/2.0.0', 'bar/1.0.0'],
  ],
  [
    'a release before its candidates',
    ['/1.0.0-rc.2', '/1.0.0', '/1.0.0-rc.10'],
    ['/1.0.0', '/1.0.0-rc.10', '/1.0.0-rc.2'],
  ],
  [
    'of a candidate the longer one, and words before numbers',
    ['/1.0.0-rc', '/1.0.0-1', '/1.0.0-rc.1', '/1.0.0-beta'],
    ['/1.0.0-rc.1', '/1.0.0-rc', '/1.0.0-beta', '/1.0.0-1'],
  ],
])('versions stand newest first: %s', (_, given, expected) => {
  expect(sorted(...given)).toEqual(expected);
});
