import { expect, test } from 'vitest';
import { proxyAuthorization, proxyFor, proxyUrlWithCredentials } from './proxy.ts';

const GIT = new URL('https://git.example.org/team/fleet.git');
const env = (more: Record<string, string> = {}) => ({
  HTTPS_PROXY: 'http://me:s%40cret@proxy.example.org:3128',
  ...more,
});

test('the proxy named for the repository goes before the variables', () => {
  const own = { url: 'http://own.example.org:8080', username: 'bot', password: 'pw' };
  expect(proxyFor(GIT, own, env({ NO_PROXY: '*' }))).toEqual(own);
});

test('credentials in a variable are taken out of the address', () => {
  const proxy = proxyFor(GIT, undefined, env());
  expect(proxy).toEqual({
    url: 'http://proxy.example.org:3128',
    username: 'me',
    password: 's@cret',
  });
  expect(proxy && proxyUrlWithCredentials(proxy)).toBe(
    'http://me:s%40cret@proxy.example.org:3128/',
  );
  expect(proxy && proxyAuthorization(proxy)).toBe(
    `Basic ${Buffer.from('me:s@cret').toString('base64')}`,
  );
});

test('a variable counts for its own protocol', () => {
  expect(proxyFor(new URL('http://git.example.org/x'), undefined, env())).toBeUndefined();
  expect(proxyFor(GIT, undefined, { all_proxy: 'proxy:1' })?.url).toBe('http://proxy:1');
});

test.each([
  ['git.example.org', true],
  ['.example.org', true],
  ['example.org', true],
  ['*.example.org', true],
  ['other.org, git.example.org:443', true],
  ['git.example.org:8443', false],
  ['ample.org', false],
  ['*', true],
])('no_proxy %s leaves the proxy out: %s', (list, isLeftOut) => {
  const proxy = proxyFor(GIT, undefined, env({ no_proxy: list }));
  expect(proxy === undefined).toBe(isLeftOut);
});

test.each([
  ['10.0.0.0/8', true],
  ['10.1.2.3', true],
  ['192.168.0.0/16', false],
])('no_proxy %s leaves the proxy out for an address: %s', (list, isLeftOut) => {
  const at = new URL('https://10.1.2.3/team/fleet.git');
  expect(proxyFor(at, undefined, env({ no_proxy: list })) === undefined).toBe(isLeftOut);
});

test('what is no HTTP proxy is refused without its credentials', () => {
  const socks = { HTTPS_PROXY: 'socks5://me:secret@proxy:1080' };
  expect(() => proxyFor(GIT, undefined, socks)).toThrow(
    /^the proxy is not an http or https address$/,
  );
});
