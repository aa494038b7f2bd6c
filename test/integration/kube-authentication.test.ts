import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CONFIG_MAPS, pathOf } from '../../src/cluster/resources.ts';
import { freshApiServers } from '../fakes/fresh-api-server.ts';

const here = freshApiServers();

const PATH = pathOf(CONFIG_MAPS, 'ns/a');

test('a token that changed in the kubeconfig is taken after a 401, without losing the request', async () => {
  const client = await here.connect();
  await client.list(CONFIG_MAPS, {}, here.scope);
  here.server.tokens.clear();
  here.server.tokens.add('next-token');
  await expect(client.create(CONFIG_MAPS, { n: 1 }, {}, here.scope)).rejects.toMatchObject({
    code: 401,
    kind: 'denied',
  });
  await writeFile(here.file, here.server.kubeconfig({ token: 'next-token' }));
  const answers = await Promise.all(
    [2, 3].map(async (n) => client.create(CONFIG_MAPS, { n }, {}, here.scope)),
  );
  expect(answers).toEqual([{ echo: { n: 2 } }, { echo: { n: 3 } }]);
});

test('an exec plugin is asked again after a 401, is told about the cluster, and once for many calls', async () => {
  const plugin = path.join(here.folder, 'plugin.sh');
  const runs = path.join(here.folder, 'runs');
  const token = path.join(here.folder, 'token');
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
  await writeFile(here.file, here.server.kubeconfig({ exec }));
  const client = await here.connect();
  await client.list(CONFIG_MAPS, {}, here.scope);
  await client.list(CONFIG_MAPS, {}, here.scope);

  here.server.tokens.clear();
  here.server.tokens.add('second-token');
  await writeFile(token, 'second-token');
  await Promise.all(Array.from({ length: 10 }, () => client.list(CONFIG_MAPS, {}, here.scope)));

  const infos = (await readFile(runs, 'utf8')).trim().split('\n');
  expect(infos).toHaveLength(2);
  expect(JSON.parse(infos[0] ?? '')).toMatchObject({
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: here.server.url } },
  });
  expect(here.scope.lines.join('')).not.toContain('second-token');
});

test('an exec plugin that fails is a failure with its own words', async () => {
  const exec = { command: 'sh', args: ['-c', 'echo log in first >&2; exit 1'] };
  await writeFile(here.file, here.server.kubeconfig({ exec }));
  const client = await here.connect();
  await expect(client.get(PATH, here.scope)).rejects.toMatchObject({
    kind: 'denied',
    message: 'cannot get credentials for the cluster: log in first',
  });
});

test('an exec plugin that never answers costs no more than the timeout of the call', async () => {
  const exec = { command: 'sh', args: ['-c', 'exec sleep 3'] };
  await writeFile(here.file, here.server.kubeconfig({ exec }));
  const client = await here.connect({ requestTimeoutMs: 300 });
  await expect(client.get(PATH, here.scope)).rejects.toMatchObject({ kind: 'timeout' });
});
