import { describe, expect, test } from 'vitest';
import { parseRepositoryUrl } from './repository-url.ts';

test.each([
  {
    why: 'a clone URL',
    url: 'https://git.example.org/Acme/fleet.git',
    expected: { root: 'https://git.example.org', owner: 'Acme', name: 'fleet' },
  },
  {
    why: 'a page URL with a slash at its end',
    url: 'http://git.example.org:3000/acme/fleet/',
    expected: { root: 'http://git.example.org:3000', owner: 'acme', name: 'fleet' },
  },
  {
    why: 'a forge below a folder',
    url: 'https://example.org/tools/git/acme/fleet',
    expected: { root: 'https://example.org/tools/git', owner: 'acme', name: 'fleet' },
  },
  {
    why: 'credentials in the URL',
    url: 'https://ann:hunter2@git.example.org/acme/fleet.git',
    expected: { root: 'https://git.example.org', owner: 'acme', name: 'fleet' },
  },
  {
    why: 'an ssh clone URL, whose forge answers at https',
    url: 'ssh://git@git.example.org:2222/acme/fleet.git',
    expected: { root: 'https://git.example.org', owner: 'acme', name: 'fleet' },
  },
])('$why is read, without credentials', ({ url, expected }) => {
  expect(parseRepositoryUrl(url)).toEqual(expected);
});

describe('what cannot be a repository is refused without repeating its credentials', () => {
  test.each([
    'git@git.example.org:acme/fleet.git',
    'ssh://git:hunter2@git.example.org/acme/fleet.git',
    'file:///etc/passwd',
    'https://git.example.org/fleet.git',
    'https://git.example.org',
    'https://ann:hunter2@git.example.org/acme/..%2f..%2fadmin',
    'https://git.example.org/acme/.git',
    'https://git.example.org/acme/fl eet',
    'https://git.example.org/acme/...',
    `https://git.example.org/acme/${'x'.repeat(3_000)}`,
    '',
  ])('%s', (url) => {
    expect(() => parseRepositoryUrl(url)).toThrow(
      expect.objectContaining({ kind: 'invalid', message: expect.not.stringContaining('hunter2') }),
    );
  });
});
