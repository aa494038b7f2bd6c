import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ContentStore, digestOf } from '../../src/source/content-store.ts';
import { download } from '../../src/source/download.ts';
import { issueServingCertificate } from '../../src/lib/serving-certificate.ts';
import { startConnectProxy, type ConnectProxy } from '../fakes/connect-proxy.ts';
import { startFileServer, type FileServer } from '../fakes/file-server.ts';
import { liveScope } from '../fakes/scope.ts';

const scope = liveScope();
let server: FileServer;

beforeAll(async () => {
  server = await startFileServer();
  server.files.set('/file', 'content');
  server.files.set('/moved', { location: '/file' });
  server.files.set('/circle', { location: '/circle' });
  server.files.set('/large', Buffer.alloc(2_000));
  server.files.set('/closed', { status: 403 });
  server.files.set('/down', { status: 503 });
});

afterAll(async () => {
  await server.stop();
});

function get(path: string, privateHosts = [server.host]): Promise<string> {
  const limits = { maxBytes: 1_000, timeoutMs: 5_000, privateHosts };
  const url = path.startsWith('http') ? path : server.url + path;
  return download(url, limits, scope).then((bytes) => bytes.toString());
}

describe('a download', () => {
  test('follows redirects', async () => {
    expect(await get('/moved')).toBe('content');
  });

  test.each([
    ['/circle', { kind: 'invalid' }],
    ['/large', { kind: 'invalid' }],
    ['/none', { kind: 'missing' }],
    ['/closed', { kind: 'denied' }],
    ['/down', { kind: 'unreachable' }],
  ])('of %s fails as %o', async (path, failure) => {
    await expect(get(path)).rejects.toMatchObject(failure);
  });

  test('ends when it takes too long', async () => {
    const limits = { maxBytes: 1_000, timeoutMs: 0, privateHosts: [server.host] };
    await expect(download(`${server.url}/file`, limits, scope)).rejects.toMatchObject({
      kind: 'timeout',
    });
  });
});

describe('hosts that are not public', () => {
  const port = (): string => server.host.slice(server.host.indexOf(':'));

  test.each([
    ['a loopback address', () => `${server.url}/file`],
    ['a name of one', () => `http://localhost${port()}/file`],
    ['one written as a number', () => `http://2130706433${port()}/file`],
    ['one in IPv6', () => `http://[::ffff:127.0.0.1]${port()}/file`],
    ['the address where clouds keep credentials', () => 'http://169.254.169.254/latest/meta-data'],
  ])('are not asked: %s', async (_, url) => {
    const asked = server.requests.length;
    await expect(get(url(), [])).rejects.toMatchObject({ kind: 'denied' });
    expect(server.requests.length).toBe(asked);
  });

  test('are not asked behind a redirect either', async () => {
    server.files.set('/out', { location: `http://127.0.0.2${port()}/file` });
    await expect(get('/out')).rejects.toMatchObject({ kind: 'denied' });
  });

  test('are asked when they are named, with their port or without', async () => {
    expect(await get('/file', ['127.0.0.1'])).toBe('content');
    await expect(get('/file', ['127.0.0.1:1'])).rejects.toMatchObject({ kind: 'denied' });
  });
});

describe('the way there', () => {
  const limits = { maxBytes: 1_000, timeoutMs: 5_000, privateHosts: ['127.0.0.1'] };
  let secure: FileServer;
  let ca: string;
  let proxy: ConnectProxy;

  beforeAll(async () => {
    const wish = { hosts: ['127.0.0.1'], validMs: 3_600_000 } as const;
    const certificate = await issueServingCertificate(wish, scope.clock.now());
    ca = certificate.caPem;
    secure = await startFileServer(certificate);
    secure.files.set('/file', 'content');
    proxy = await startConnectProxy('me:pa55');
  });
  afterAll(async () => {
    await secure.stop();
    await proxy.close();
  });

  test('needs the certificate authority of a host that has its own', async () => {
    const url = `${secure.url}/file`;
    await expect(download(url, limits, scope)).rejects.toMatchObject({
      kind: 'unreachable',
      hint: expect.stringContaining('ca.crt'),
    });
    expect((await download(url, { ...limits, ca }, scope)).toString()).toBe('content');
  });

  test.each([
    ['https', () => secure, (asked: string) => asked.startsWith('CONNECT ')],
    ['http', () => server, (asked: string) => asked.startsWith('GET http://')],
  ])('leads %s through the proxy of the Sync or of the variables', async (scheme, host, isIt) => {
    const url = `${host().url}/file`;
    const named = { url: proxy.url, username: 'me', password: 'pa55' };
    const env = { [`${scheme}_proxy`]: proxy.url.replace('//', '//me:pa55@') };
    for (const way of [{ proxy: named }, { env }]) {
      const before = proxy.asked.length;
      // oxlint-disable-next-line no-await-in-loop
      expect((await download(url, { ...limits, ca, ...way }, scope)).toString()).toBe('content');
      expect(proxy.asked.slice(before).filter(isIt)).toHaveLength(1);
    }
    const wrong = { proxy: { ...named, password: 'wr0ng' } };
    const refused = download(url, { ...limits, ca, ...wrong }, scope);
    await expect(refused).rejects.toMatchObject({
      kind: 'denied',
      message: expect.not.stringContaining('wr0ng'),
    });
  });

  test('lets a host be asked through a proxy in a private network, but none of those by address', async () => {
    const env = { http_proxy: proxy.url.replace('//127.0.0.1', '//me:pa55@localhost') };
    const before = proxy.asked.length;
    const outside = download('http://packages.invalid/file', { ...limits, env }, scope);
    // The proxy looked for it, and did not find it.
    await expect(outside).rejects.toMatchObject({ kind: 'unreachable' });
    expect(proxy.asked.slice(before)).toEqual(['GET http://packages.invalid/file']);
    const inside = download('http://127.0.0.2/file', { ...limits, env }, scope);
    await expect(inside).rejects.toMatchObject({ kind: 'denied' });
    expect(proxy.asked).toHaveLength(before + 1);
  });
});

describe('kept files', () => {
  test('are what their digest says, or are not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-store-'));
    const store = new ContentStore(join(folder, 'packages'), 10);
    const [first, second] = [Buffer.from('first'), Buffer.from('second')];
    await store.write(first);
    expect(await store.read(digestOf(first))).toEqual(first);
    await writeFile(join(folder, 'packages', digestOf(first)), 'forged');
    expect(await store.read(digestOf(first))).toBeUndefined();

    await store.write(first);
    await store.write(second);
    expect(await readdir(join(folder, 'packages'))).toHaveLength(1);
    await rm(folder, { recursive: true });
  });
});
