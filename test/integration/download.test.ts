import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ContentStore, digestOf } from '../../src/source/content-store.ts';
import { download } from '../../src/source/download.ts';
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
