import { expect, test } from 'vitest';
import { credentialsIn } from './forge-credentials.ts';

const app = {
  githubAppID: '7',
  githubAppInstallationID: '42',
  githubAppPrivateKey: '-----BEGIN RSA PRIVATE KEY-----',
};

test('a Secret holds a token', () => {
  expect(credentialsIn({ token: 't', webhookSecret: 'w' }, 'Secret shop/forge')).toEqual({
    kind: 'token',
    token: 't',
  });
});

test('or the keys of a GitHub App, which go before a token', () => {
  expect(credentialsIn({ ...app, token: 't' }, 'Secret shop/forge')).toEqual({
    kind: 'github-app',
    appId: '7',
    installationId: '42',
    privateKey: app.githubAppPrivateKey,
  });
});

test.each([
  [{}, 'token'],
  [{ token: '' }, 'token'],
  [{ ...app, githubAppInstallationID: '' }, 'githubAppInstallationID'],
  [{ githubAppID: '7', githubAppInstallationID: '42' }, 'githubAppPrivateKey'],
])('a Secret that lacks something says what (%#)', (data, key) => {
  expect(() => credentialsIn(data, 'Secret shop/forge')).toThrow(
    expect.objectContaining({
      kind: 'invalid',
      message: `Secret shop/forge has no key ${key}`,
      hint: expect.stringContaining('GitHub App'),
    }),
  );
});
