import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApiServer, type SandboxApiServer } from '../../src/sandbox/api-server.ts';
import { databases } from '../fakes/kube-fixtures.ts';
import { liveScope } from '../fakes/scope.ts';

const run = promisify(execFile);
/** Older ones ask for OpenAPI v2, which is not served. */
const hasKubectl = minorOfKubectl() >= 27;

function minorOfKubectl(): number {
  const { stdout } = spawnSync('kubectl', ['version', '--client', '-o', 'json'], {
    encoding: 'utf8',
  });
  return Number(/"minor": "(\d+)/.exec(stdout)?.[1] ?? 0);
}

const scope = liveScope();
let server: SandboxApiServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sandbox-kubectl-'));
  server = await startApiServer({ podReadyMs: 10, jobRunMs: 10 }, scope);
  await writeFile(path.join(folder, 'kubeconfig'), server.kubeconfig());
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

function flags(): string[] {
  return [
    '--kubeconfig',
    path.join(folder, 'kubeconfig'),
    '--cache-dir',
    path.join(folder, 'cache'),
  ];
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('kubectl', [...args, ...flags()]);
  return stdout;
}

async function fails(...args: readonly string[]): Promise<string> {
  const thrown: unknown = await run('kubectl', [...args, ...flags()]).catch(
    (error: unknown) => error,
  );
  return (thrown as { stderr: string }).stderr;
}

async function file(name: string, content: object): Promise<string> {
  const target = path.join(folder, name);
  await writeFile(target, JSON.stringify(content));
  return target;
}

function words(output: string): string[][] {
  return output
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/));
}

function deployment(image: string): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image, ports: [{ containerPort: 80 }] }] },
      },
    },
  };
}

describe.skipIf(!hasKubectl)('kubectl', () => {
  test('applies a Deployment, waits for it, sees its pods and takes it away', async () => {
    const first = await file('web.json', deployment('nginx:1'));
    expect(await kubectl('apply', '-f', first)).toBe('deployment.apps/web created\n');
    expect(await kubectl('apply', '-f', first)).toBe('deployment.apps/web unchanged\n');
    expect(await kubectl('rollout', 'status', 'deployment/web', '--timeout=20s')).toContain(
      'successfully rolled out',
    );
    expect(words(await kubectl('get', 'deployments'))[1]?.slice(0, 4)).toEqual([
      'web',
      '2/2',
      '2',
      '2',
    ]);
    const second = await file('web.json', deployment('nginx:2'));
    expect(await kubectl('apply', '-f', second)).toBe('deployment.apps/web configured\n');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=20s');
    const images = await kubectl(
      'get',
      'pods',
      '-o',
      'jsonpath={.items[*].spec.containers[0].image}',
    );
    expect(images).toBe('nginx:2 nginx:2');
    expect(await kubectl('describe', 'deployment', 'web')).toContain('NewReplicaSetAvailable');
    expect(await kubectl('delete', '-f', second)).toContain('"web" deleted');
    await kubectl('wait', '--for=delete', 'pods', '-l', 'app=web', '--timeout=20s');
    expect(await kubectl('get', 'pods,replicasets')).toBe('');
  });

  test('patches a Deployment container by container', async () => {
    await kubectl('apply', '-f', await file('web.json', deployment('nginx:1')));
    const patch = {
      spec: { template: { spec: { containers: [{ name: 'side', image: 'envoy' }] } } },
    };
    await kubectl('patch', 'deployment', 'web', '-p', JSON.stringify(patch));
    const columns = 'jsonpath={.spec.template.spec.containers[*].name}';
    const names = await kubectl('get', 'deployment', 'web', '-o', columns);
    expect(names.split(' ').toSorted()).toEqual(['main', 'side']);
    await kubectl('delete', 'deployment', 'web');
  });

  test('creates what it sends as protobuf', async () => {
    await kubectl('create', 'namespace', 'made');
    await kubectl('create', 'configmap', 'made', '-n', 'made', '--from-literal=a=b');
    const output = ['-n', 'made', '-o', 'jsonpath={.data.a}'];
    expect(await kubectl('get', 'configmap', 'made', ...output)).toBe('b');
    expect(await kubectl('auth', 'can-i', 'create', 'pods')).toBe('yes\n');
  });

  test('explains built-in kinds', async () => {
    expect(await kubectl('explain', 'deployment.spec.template.spec.containers')).toMatch(
      /image\t<string>/,
    );
  });

  test('works with custom resources as with built-in ones', async () => {
    await kubectl('apply', '-f', await file('crd.json', databases()));
    await kubectl('wait', '--for=condition=Established', 'crd/databases.example.org');
    const object = {
      apiVersion: 'example.org/v1',
      kind: 'Database',
      metadata: { name: 'main' },
      spec: { size: 3 },
    };
    const manifest = await file('db.json', object);
    expect(await kubectl('apply', '-f', manifest)).toBe('database.example.org/main created\n');
    expect(words(await kubectl('get', 'db', '-o', 'wide'))).toEqual([
      ['NAME', 'SIZE', 'READY', 'ENGINE'],
      ['main', '3', 'pg'],
    ]);
    await kubectl('patch', 'db', 'main', '--type=merge', '-p', '{"spec":{"size":4}}');
    expect(await kubectl('describe', 'db', 'main')).toMatch(/Size:\s+4/);
    expect(await kubectl('api-resources', '--api-group=example.org')).toMatch(
      /databases\s+db\s+example.org\/v1\s+true\s+Database/,
    );
    expect(await kubectl('explain', 'databases.spec')).toContain('size\t<integer> -required-');
    const misspelt = { ...object, spec: { size: 3, sise: 4 } };
    expect(await fails('apply', '-f', await file('bad.json', misspelt))).toContain(
      'unknown field "spec.sise"',
    );
    expect(
      await fails('patch', 'db', 'main', '--type=merge', '-p', '{"spec":{"size":0}}'),
    ).toContain('spec.size: Invalid value: 0');
    expect(await kubectl('delete', 'db', 'main')).toContain('"main" deleted');
  });

  test('watches what happens', async () => {
    const watching = spawn('kubectl', ['get', 'configmaps', '-w', '--no-headers', ...flags()]);
    const lines = createInterface({ input: watching.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<string[]> => {
      const { value } = await lines.next();
      return String(value).split(/\s+/).slice(0, 2);
    };
    const map = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'seen' },
      data: { a: '1' },
    };
    await kubectl('apply', '-f', await file('map.json', map));
    expect(await next()).toEqual(['seen', '1']);
    await kubectl('patch', 'configmap', 'seen', '-p', '{"data":{"b":"2"}}');
    expect(await next()).toEqual(['seen', '2']);
    watching.kill();
  });
});
