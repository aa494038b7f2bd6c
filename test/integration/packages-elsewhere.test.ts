import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { OPERATOR_VERSIONS, pathOf } from '../../src/cluster/resources.ts';
import { indexText } from '../../src/commands/package-index.ts';
import { readPackageBytes } from '../../src/commands/package-files.ts';
import type { OperatorVersion } from '../../src/kudo/objects.ts';
import { packTarball } from '../../src/lib/tar.ts';
import { ANNOTATION } from '../../src/model/names.ts';
import { digestOf } from '../../src/source/content-store.ts';
import { commandLine } from '../fakes/command-line.ts';
import { startFileServer, type FileServer } from '../fakes/file-server.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { instanceFile } from '../fakes/tiny-operator.ts';

const here = startFleets();
const { fleet } = here;
let server: FileServer;

beforeAll(async () => {
  server = await startFileServer();
});

afterAll(async () => {
  await server.stop();
});

afterEach(() => {
  server.files.clear();
});

/** Files of a package whose plan applies one ConfigMap, and runs another package when told. */
function packageFiles(name: string, dependsOn?: string): Record<string, string> {
  const task =
    dependsOn === undefined
      ? []
      : [`- {name: child, kind: KudoOperator, spec: {package: ${dependsOn}}}`];
  return {
    'operator.yaml': `name: ${name}
operatorVersion: 1.0.0
tasks:
- {name: config, kind: Apply, spec: {resources: [config.yaml]}}
${task.join('\n')}
plans:
  deploy:
    strategy: serial
    phases:
    - name: main
      strategy: serial
      steps:
      - {name: all, tasks: [config${dependsOn === undefined ? '' : ', child'}]}
`,
    'params.yaml': 'parameters:\n- {name: COLOUR, default: none}\n',
    'templates/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Name }}-${name}" }
data: { colour: "{{ .Params.COLOUR }}" }
`,
  };
}

function tarball(files: Readonly<Record<string, string>>): Buffer {
  return packTarball(
    new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
  );
}

/** Serves a repository of these packages; gives their digests. */
function serveRepository(
  packages: Readonly<Record<string, Record<string, string>>>,
): (name: string) => string {
  const indexed = Object.entries(packages).map(([name, files]) => {
    const bytes = tarball(files);
    server.files.set(`/${name}-1.0.0.tgz`, bytes);
    const buffers = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
    const { source } = readPackageBytes(buffers);
    if (!source) throw new Error('broken package');
    return { name, operator: source.operator, digest: digestOf(bytes) };
  });
  server.files.set('/index.yaml', indexText(indexed, server.url, new Date(0)));
  return (wanted) => indexed.find(({ name }) => name === wanted)?.digest ?? '';
}

function pin(name: string, spec: string): string {
  return `apiVersion: gitops.kudo.dev/v1alpha1\nkind: Package\nmetadata: {name: ${name}}\nspec:\n${spec}`;
}

function fromRepository(name: string, sha256: string, dependencies = ''): string {
  const version = `operator: ${name}, operatorVersion: 1.0.0, sha256: ${sha256}`;
  return pin(name, `  repository: {url: "${server.url}", ${version}${dependencies}}\n`);
}

async function annotations(shop: Fleet, name: string): Promise<Readonly<Record<string, string>>> {
  const path = pathOf(OPERATOR_VERSIONS, `${shop.name}/${name}`);
  const version = await here.world.sandbox.client.get<OperatorVersion>(path, here.world.scope);
  return version.metadata.annotations ?? {};
}

async function deployed(shop: Fleet, name: string): Promise<string | undefined> {
  return (await shop.instance(name))?.status?.planStatus?.['deploy']?.status;
}

test('a package of a repository, with one that it depends on, is installed and run', async () => {
  const digest = serveRepository({
    queue: packageFiles('queue', 'cache'),
    cache: packageFiles('cache'),
  });
  const cache = `{operator: cache, operatorVersion: 1.0.0, sha256: ${digest('cache')}}`;
  const unpinned = fromRepository('queue', digest('queue'));
  const shop = await fleet({
    'queue.yaml': unpinned,
    'orders.yaml': instanceFile('orders', {}, 'queue-1.0.0'),
  });
  await shop.sync();
  await expectSoon(() => shop.ready()).toContain(
    'add to spec.repository.dependencies: {operator: cache',
  );

  const pinned = fromRepository('queue', digest('queue'), `, dependencies: [${cache}]`);
  const commit = await shop.pushed({ 'queue.yaml': pinned });
  await expectSoon(() => shop.status(commit)).toMatch(/^success/);
  expect(await annotations(shop, 'queue-1.0.0')).toMatchObject({
    [ANNOTATION.packageSource]: `sha256:${digest('queue')}`,
  });
  expect(await deployed(shop, 'orders-cache')).toBe('COMPLETE');
});

test('bytes with another digest are refused with the digest that they have', async () => {
  serveRepository({ queue: packageFiles('queue') });
  const { files } = server;
  const actual = digestOf(files.get('/queue-1.0.0.tgz') as Buffer);
  const wrong = 'c'.repeat(64);
  const shop = await fleet({
    'queue.yaml': pin(
      'queue',
      `  tarball: {url: "${server.url}/queue-1.0.0.tgz", sha256: ${wrong}}\n`,
    ),
  });
  await shop.sync();
  await expectSoon(() => shop.ready()).toMatch(
    new RegExp(`queue.yaml:5:3: .* has the SHA-256 ${actual}, not the one that is pinned`),
  );

  await shop.pushed({ 'queue.yaml': fromRepository('queue', wrong) });
  await expectSoon(() => shop.ready()).toContain(`says its SHA-256 is ${actual}`);
  await expect(annotations(shop, 'queue-1.0.0')).rejects.toMatchObject({ code: 404 });
});

test('a package that cannot be had holds up no other, and is had when its place is back', async () => {
  const digest = serveRepository({ queue: packageFiles('queue'), cache: packageFiles('cache') });
  server.files.set('/queue-1.0.0.tgz', { status: 503 });
  const shop = await fleet({
    'queue.yaml': fromRepository('queue', digest('queue')),
    'cache.yaml': fromRepository('cache', digest('cache')),
    'orders.yaml': instanceFile('orders', {}, 'queue-1.0.0'),
    'mail.yaml': instanceFile('mail', {}, 'cache-1.0.0'),
  });
  await shop.sync();
  await expectSoon(() => shop.ready()).toMatch(/queue\.yaml:5:3: .*answered 503/);
  expect(await deployed(shop, 'mail')).toBe('COMPLETE');
  expect(await shop.instance('orders')).toBeUndefined();

  server.files.set('/queue-1.0.0.tgz', tarball(packageFiles('queue')));
  await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
  expect(await deployed(shop, 'orders')).toBe('COMPLETE');
});

test('a folder of another repository at a commit is a package, with what it names beside it', async () => {
  const at = (folder: string, files: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
  const elsewhere = await fleet({
    ...at('operators/queue', packageFiles('queue', '../cache')),
    ...at('operators/cache', packageFiles('cache')),
  });
  const first = await elsewhere.head();
  await elsewhere.commit({ 'operators/queue/params.yaml': 'broken: [' }, 'Break it');
  await elsewhere.push();

  const git = `  git: {url: "${elsewhere.url}", commit: ${first}, folder: operators/queue}\n`;
  const shop = await fleet({
    'queue.yaml': pin('queue', git),
    'orders.yaml': instanceFile('orders', { COLOUR: 'red' }, 'queue-1.0.0'),
  });
  await shop.sync();
  await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
  const tree = await elsewhere.git('rev-parse', `${first}:operators/queue`);
  expect(await annotations(shop, 'queue-1.0.0')).toMatchObject({
    [ANNOTATION.packageSource]: `git-tree:${tree}`,
  });

  // The repository is no public one: diff reads it with the credentials of the Sync, as the service does.
  const folder = await shop.git('rev-parse', '--show-toplevel');
  const kudoGitops = commandLine(here.world.sandbox.kubeconfig);
  const sync = `${shop.name}/${shop.name}`;
  const { out, err, code } = await kudoGitops('diff', folder, '--sync', sync);
  expect({ out, err, code }).toEqual({
    out: 'the cluster is as these files say\n',
    err: '',
    code: 0,
  });
  const without = ['--path', '.', '-n', shop.name];
  expect((await kudoGitops('diff', folder, ...without)).code).toBe(2);
});
