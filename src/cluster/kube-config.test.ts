import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadKubeConfig } from './kube-config.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kube-config-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

const config = (name: string, user: object = {}, extra: object = {}): string =>
  JSON.stringify({
    'current-context': name,
    clusters: [{ name, cluster: { server: `https://${name}.example`, ...extra } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `ns-${name}` } }],
  });

test('takes the current context of the file named', async () => {
  const kubeconfig = await write('config', config('a', { token: 't' }));
  const access = await loadKubeConfig({ kubeconfig, env: {} });
  expect(access).toMatchObject({ server: 'https://a.example', context: 'a', namespace: 'ns-a' });
  expect((await access.credentials()).headers).toEqual({ Authorization: 'Bearer t' });
});

test('merges the files of $KUBECONFIG as kubectl does: the first word counts, missing files do not matter', async () => {
  const a = await write('a', config('a'));
  const b = await write('b', config('b'));
  const again = await write('again', config('a', {}, { server: 'https://other.example' }));
  const env = { KUBECONFIG: [a, path.join(folder, 'missing'), b, again].join(path.delimiter) };
  expect(await loadKubeConfig({ env })).toMatchObject({ server: 'https://a.example' });
  expect(await loadKubeConfig({ env, context: 'b' })).toMatchObject({
    server: 'https://b.example',
    namespace: 'ns-b',
  });
});

test('falls back to the file in the home folder', async () => {
  await write('.kube/config', config('home'));
  expect(await loadKubeConfig({ env: { HOME: folder } })).toMatchObject({ context: 'home' });
});

test('in a pod takes its service account, and reads the token again from its file', async () => {
  await write('sa/token', 'pod-token');
  await write('sa/namespace', 'pod-namespace\n');
  await write('sa/ca.crt', 'authority');
  const access = await loadKubeConfig({
    env: { HOME: folder, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' },
    serviceAccountDir: path.join(folder, 'sa'),
  });
  expect(access).toMatchObject({ server: 'https://[fd00::1]:6443', namespace: 'pod-namespace' });
  const first = await access.credentials();
  expect(first.headers).toEqual({ Authorization: 'Bearer pod-token' });
  expect(String(first.tls.ca as Buffer)).toBe('authority');

  await write('sa/token', 'next-token');
  expect((await access.renew(first)).headers).toEqual({ Authorization: 'Bearer next-token' });
});

test('finds files relative to the kubeconfig: authority and tokenFile', async () => {
  await write('ca.pem', 'authority');
  await write('token', 'from-file');
  const text = config('a', { tokenFile: 'token' }, { 'certificate-authority': 'ca.pem' });
  const access = await loadKubeConfig({ kubeconfig: await write('config', text), env: {} });
  const { headers, tls } = await access.credentials();
  expect([headers, String(tls.ca as Buffer)]).toEqual([
    { Authorization: 'Bearer from-file' },
    'authority',
  ]);
});

test('speaks plain HTTP to a local proxy, and basic authentication', async () => {
  const user = { username: 'u', password: 'p' };
  const text = config('a', user, { server: 'http://127.0.0.1:8001' });
  const access = await loadKubeConfig({ kubeconfig: await write('config', text), env: {} });
  expect((await access.credentials()).headers).toEqual({ authorization: 'Basic dTpw' });
});

test.each([
  { why: 'no kubeconfig at all', source: {}, expected: /^no cluster is configured/ },
  {
    why: 'a file that is not there',
    source: { kubeconfig: '/nowhere/config' },
    expected: /^cannot read the kubeconfig \/nowhere\/config: ENOENT/,
  },
])('$why is said', async ({ source, expected }) => {
  await expect(loadKubeConfig({ env: { HOME: folder }, ...source })).rejects.toThrow(expected);
});

test.each([
  {
    why: 'something else than YAML',
    text: '{',
    context: undefined,
    expected: /is not a kubeconfig/,
  },
  { why: 'a list', text: '[]', context: undefined, expected: /is not a kubeconfig/ },
  { why: 'an unknown context', text: config('a'), context: 'b', expected: /has no context "b"/ },
  { why: 'no context', text: '{}', context: undefined, expected: /does not say which context/ },
  {
    why: 'a context without its cluster',
    text: JSON.stringify({ contexts: [{ name: 'a', context: { cluster: 'x', user: 'y' } }] }),
    context: 'a',
    expected: /names cluster "x", which is not in it/,
  },
])('$why in the file is said', async ({ text, context, expected }) => {
  const kubeconfig = await write('config', text);
  await expect(loadKubeConfig({ kubeconfig, context, env: {} })).rejects.toThrow(expected);
});

test('a missing certificate file is said when it is needed', async () => {
  const text = config('a', { 'client-certificate': 'gone.crt' });
  const access = await loadKubeConfig({ kubeconfig: await write('config', text), env: {} });
  await expect(access.credentials()).rejects.toMatchObject({
    kind: 'denied',
    message: expect.stringContaining('gone.crt') as unknown,
  });
});
