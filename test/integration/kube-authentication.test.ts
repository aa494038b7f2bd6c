import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKubeClient, type KubeClientOptions } from '../../src/cluster/http-kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { CONFIG_MAPS, pathOf } from '../../src/cluster/resources.ts';
import { FakeApiServer } from '../fakes/fake-api-server.ts';
import { liveScope } from '../fakes/scope.ts';

let server: FakeApiServer;
let folder: string;
let file: string;
const scope = liveScope();

beforeEach(async () => {
  server = new FakeApiServer();
  await server.start();
  folder = await mkdtemp(path.join(tmpdir(), 'kube-client-'));
  file = path.join(folder, 'config');
  await writeFile(file, server.kubeconfig());
});

afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function connect(options: Partial<KubeClientOptions> = {}): Promise<KubeClient> {
  const access = await loadKubeConfig({ kubeconfig: file, env: {} });
  return createKubeClient(access, { userAgent: 'kudo-gitops/test', ...options });
}

const PATH = pathOf(CONFIG_MAPS, 'ns/a');

test('a token that changed in the kubeconfig is taken after a 401, without losing the request', async () => {
  const client = await connect();
  await client.list(CONFIG_MAPS, {}, scope);
  server.tokens.clear();
  server.tokens.add('next-token');
  await expect(client.create(CONFIG_MAPS, { n: 1 }, {}, scope)).rejects.toMatchObject({
    code: 401,
    kind: 'denied',
  });
  await writeFile(file, server.kubeconfig({ token: 'next-token' }));
  const answers = await Promise.all(
    [2, 3].map(async (n) => client.create(CONFIG_MAPS, { n }, {}, scope)),
  );
  expect(answers).toEqual([{ echo: { n: 2 } }, { echo: { n: 3 } }]);
});

test('an exec plugin is asked again after a 401, is told about the cluster, and once for many calls', async () => {
  const plugin = path.join(folder, 'plugin.sh');
  const runs = path.join(folder, 'runs');
  const token = path.join(folder, 'token');
  await writeFile(token, 'good-token');
  await writeFile(
    plugin,
    `#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" >> ${runs}
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}' "$(cat ${token})"
`,
    { mode: 0o755 },
  );
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: plugin,
    provideClusterInfo: true,
  };
  await writeFile(file, server.kubeconfig({ exec }));
  const client = await connect();
  await client.list(CONFIG_MAPS, {}, scope);
  await client.list(CONFIG_MAPS, {}, scope);

  server.tokens.clear();
  server.tokens.add('second-token');
  await writeFile(token, 'second-token');
  await Promise.all(Array.from({ length: 10 }, () => client.list(CONFIG_MAPS, {}, scope)));

  const infos = (await readFile(runs, 'utf8')).trim().split('\n');
  expect(infos).toHaveLength(2);
  expect(JSON.parse(infos[0] ?? '')).toMatchObject({
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: server.url } },
  });
  expect(scope.lines.join('')).not.toContain('second-token');
});

test('an exec plugin that fails is a failure with its own words', async () => {
  const exec = { command: 'sh', args: ['-c', 'echo log in first >&2; exit 1'] };
  await writeFile(file, server.kubeconfig({ exec }));
  const client = await connect();
  await expect(client.get(PATH, scope)).rejects.toMatchObject({
    kind: 'denied',
    message: 'cannot get credentials for the cluster: log in first',
  });
});

test('an exec plugin that never answers costs no more than the timeout of the call', async () => {
  const exec = { command: 'sh', args: ['-c', 'exec sleep 3'] };
  await writeFile(file, server.kubeconfig({ exec }));
  const client = await connect({ requestTimeoutMs: 300 });
  await expect(client.get(PATH, scope)).rejects.toMatchObject({ kind: 'timeout' });
});
