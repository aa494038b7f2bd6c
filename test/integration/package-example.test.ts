import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/source/content-store.ts';
import { commandLine } from '../fakes/command-line.ts';
import { startFileServer, type FileServer } from '../fakes/file-server.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const run = commandLine('/nowhere');

let folder: string;
let server: FileServer;
let file: string;

/** The example's package in a repository on this machine, and the example with that address and digest. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-example-'));
  server = await startFileServer();
  const repository = join(folder, 'repository');
  const source = join(EXAMPLES, 'fleet/operators/queue');
  await run('package', 'build', source, '-o', repository);
  await run('package', 'index', repository, '--url', `${server.url}/v1`);
  const tarball = await readFile(join(repository, 'queue-3.9.0_1.0.0.tgz'));
  server.files.set('/v1/queue-3.9.0_1.0.0.tgz', tarball);
  server.files.set('/v1/index.yaml', await readFile(join(repository, 'index.yaml')));

  const example = await readFile(join(EXAMPLES, 'package-queue.yaml'), 'utf8');
  file = join(folder, 'fleet.yaml');
  await writeFile(
    file,
    example
      .replace('https://operators.example', server.url)
      .replace(/sha256: [0-9a-f]{64}/, `sha256: ${digestOf(tarball)}`),
  );
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

describe('validate', () => {
  test('says without a network that the package is not checked', async () => {
    const asked = server.requests.length;
    const { out, code } = await run('validate', folder, '--path', 'fleet.yaml');
    expect(out).toMatch(/fleet\.yaml:9:3: warning: Package default\/queue, .* not checked/);
    expect(out).toContain('--online fetches it');
    expect([code, server.requests.length]).toEqual([0, asked]);
  });

  test('checks it when it may be fetched', async () => {
    const online = ['validate', folder, '--path', 'fleet.yaml', '--online'];
    const { out, code } = await run(...online, '--package-host', server.host);
    expect([out, code]).toEqual(['1 file, 0 Instances, 1 OperatorVersion: no problems\n', 0]);
  });

  test('fetches nothing from a private network that is not named', async () => {
    const { out, code } = await run('validate', folder, '--path', 'fleet.yaml', '--online');
    expect(out).toContain('127.0.0.1 is not on the public internet');
    expect(code).toBe(1);
  });
});

test('package render shows what a Package would apply', async () => {
  const { out, code } = await run('package', 'render', file, '--package-host', server.host);
  expect(out).toContain('name: queue-broker-2');
  expect(code).toBe(0);
});
