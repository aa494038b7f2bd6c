import { cp, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseFirstYamlDocument } from '../../src/lib/go-yaml.ts';
import { unpackTarball } from '../../src/lib/tar.ts';
import { commandLine, type CommandResult } from '../fakes/command-line.ts';

const OPERATORS = join(import.meta.dirname, '../../examples/fleet/operators');
const kudoGitops = commandLine('no-kubeconfig');

const run = async (line: string): Promise<CommandResult> => kudoGitops(...line.split(' '));

let folder: string;
let queue: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-package-'));
  queue = join(folder, 'queue');
  await cp(OPERATORS, folder, { recursive: true });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

describe('package lint', () => {
  test('finds nothing in good packages and exits with 0', async () => {
    const paths = ['cache', 'queue', 'storefront'].map((name) => join(folder, name));
    expect(await kudoGitops('package', 'lint', ...paths)).toEqual({
      out: '3 packages: no findings\n',
      err: '',
      code: 0,
    });
  });

  test('names the place, the finding and the cure, and exits with 1', async () => {
    const broken = join(folder, 'broken');
    await cp(queue, broken, { recursive: true });
    await edit(join(broken, 'operator.yaml'), '              - topics', '              - topic');
    const { out, code } = await kudoGitops('package', 'lint', broken);
    expect(out).toContain(
      'broken/operator.yaml:71:17: error: task-undefined: plan deploy uses task topic, which is not defined\n  → define the task or correct the name\n',
    );
    expect(code).toBe(1);
    const json = await kudoGitops('package', 'lint', broken, '-o', 'json');
    expect(JSON.parse(json.out)).toMatchObject({
      errors: 1,
      packages: [{ findings: [{ id: 'task-undefined', line: 71, column: 17 }] }],
    });
  });

  test('names what is no package and checks the others all the same', async () => {
    const stray = join(folder, 'README.md');
    await writeFile(stray, '# Operators');
    const { out, err, code } = await kudoGitops('package', 'lint', stray, queue);
    expect(out).toBe('1 package: no findings\n');
    expect(err).toContain(`kudo-gitops: ${stray}: the tarball cannot be unpacked`);
    expect(err).toContain('  → it must be a gzipped tar archive');
    expect(code).toBe(1);
  });

  test('with a target also names API versions that it does not serve', async () => {
    const { out, code } = await kudoGitops('package', 'lint', queue, '--target', '1.36');
    expect(out).toMatch(/disruption-budget\.yaml:1:13: error: api-version-removed: PodDisr/);
    expect(out).toContain('policy/v1, and');
    expect(code).toBe(1);
    expect(await kudoGitops('package', 'lint', queue, '--target', '1.24')).toMatchObject({
      code: 0,
    });
  });

  test('ends a template that would never end', async () => {
    const endless = join(folder, 'endless');
    await cp(queue, endless, { recursive: true });
    const loop = '{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}';
    await writeFile(join(endless, 'templates/config.yaml'), loop);
    const { out, code } = await kudoGitops('package', 'lint', endless);
    expect(out).toMatch(/templates\/config\.yaml:1:\d+: error: template-render: /);
    expect(code).toBe(1);
  });

  test('says what is not there', async () => {
    const { err, code } = await kudoGitops('package', 'lint', join(folder, 'nothing'));
    expect(err).toMatch(/^kudo-gitops: cannot read /);
    expect(code).toBe(1);
  });
});

describe('package render', () => {
  test('prints the objects of a plan in their order, with the parameters given', async () => {
    const values = join(folder, 'values.yaml');
    await writeFile(values, 'BROKERS: 1\nTOPICS: { mail: 2 }\n');
    const { out, err } = await run(
      `package render ${queue} --instance orders -n shop -P ${values} -p RETENTION_HOURS=5`,
    );
    expect(err).toBe('');
    expect(out.match(/^# plan .*$/gm)).toEqual([
      '# plan deploy / phase network / step clients / task access: apply',
      '# plan deploy / phase nodes / step config / task config: apply',
      '# plan deploy / phase nodes / step brokers / task brokers: apply',
      '# plan deploy / phase nodes / step budget / task disruption-budget: delete, because DISRUPTION_BUDGET is false',
      '# plan deploy / phase topics / step topics / task topics: apply',
    ]);
    expect(out).toContain('name: orders-broker-0');
    expect(out).not.toContain('orders-broker-1');
    expect(out).toContain('retention.hours=5');
    expect(out).toContain('mail');
  });

  test('shows an Instance of a package that it depends on', async () => {
    const { out } = await kudoGitops('package', 'render', join(folder, 'storefront'));
    expect(out).toContain(
      'name: storefront-cache\nspec:\n  operatorVersion:\n    name: cache-8.1.0-0.4.0\n',
    );
  });

  test('shows how another parameter, or another version, changes the objects', async () => {
    const parameters = await run(
      `package render ${queue} --plan update --against-param BROKERS=3 -p BROKERS=2`,
    );
    expect(parameters.out).toMatch(/^-.*brokers=3\n\+.*brokers=2$/m);
    expect(parameters.out).toMatch(/^-.*name: queue-broker-2$/m);

    const next = join(folder, 'queue-next');
    await cp(queue, next, { recursive: true });
    await edit(join(next, 'operator.yaml'), 'appVersion: 3.9.0', 'appVersion: 4.0.0');
    const versions = await kudoGitops('package', 'render', next, '--against', queue);
    expect(versions.out).toMatch(/^-.*version=3\.9\.0\n\+.*version=4\.0\.0$/m);
    const same = await kudoGitops('package', 'render', queue, '--against', queue);
    expect(same.out).toBe('no difference\n');
  });

  test.each([
    { args: ['-p', 'BROKRS=3'], message: 'has no parameter BROKRS\n  → did you mean BROKERS?' },
    { args: ['-p', 'BROKERS=x'], message: 'parameter "BROKERS" has an invalid value "x"' },
    { args: ['-p', 'BROKERS'], message: 'BROKERS is not a parameter' },
    { args: ['--plan', 'x'], message: 'has no plan x' },
  ])('refuses $args', async ({ args, message }) => {
    const { err, code } = await kudoGitops('package', 'render', queue, ...args);
    expect(err).toContain(message);
    expect(code).toBe(1);
  });
});

describe('package build and index', () => {
  test('make the same bytes again, from files that were touched, and what they hold', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    expect((await kudoGitops('package', 'build', queue, '-o', first)).err).toBe('');
    await utimes(join(queue, 'params.yaml'), 0, 0);
    await writeFile(join(queue, 'notes.txt'), 'not part of the package');
    expect((await kudoGitops('package', 'build', queue, '-o', second)).err).toBe('');
    const name = 'queue-3.9.0_1.0.0.tgz';
    const tarball = await readFile(join(first, name));
    expect(await readFile(join(second, name))).toEqual(tarball);
    const files = await unpackTarball(tarball, { maxFiles: 100, maxBytes: 1 << 20 });
    expect([...files.keys()]).toEqual([
      'operator.yaml',
      'params.yaml',
      ...['backup', 'brokers', 'clients', 'config', 'disruption-budget', 'topics'].map(
        (template) => `templates/${template}.yaml`,
      ),
    ]);
    expect(files.get('params.yaml')).toEqual(await readFile(join(queue, 'params.yaml')));
    expect((await kudoGitops('package', 'lint', join(first, name))).code).toBe(0);
  });

  test('do not replace a tarball unless told', async () => {
    const out = join(folder, 'kept');
    await kudoGitops('package', 'build', queue, '-o', out);
    const again = await kudoGitops('package', 'build', queue, '-o', out);
    expect(again).toMatchObject({ code: 1 });
    expect(again.err).toContain('is there already');
    expect(await kudoGitops('package', 'build', queue, '-o', out, '--force')).toMatchObject({
      code: 0,
    });
  });

  test('list a repository, newest first', async () => {
    const repository = join(folder, 'repository');
    const copy = join(folder, 'versions');
    await cp(join(OPERATORS, 'queue'), copy, { recursive: true });
    let last = '1.0.0';
    for (const version of ['1.0.0', '1.10.0', '1.9.0']) {
      await edit(join(copy, 'operator.yaml'), `ion: ${last}\n`, `ion: ${version}\n`);
      await kudoGitops('package', 'build', copy, '-o', repository);
      last = version;
    }
    await kudoGitops('package', 'build', join(folder, 'cache'), '-o', repository);
    const time = '2026-01-31T00:00:00Z';
    const { out, err } = await run(
      `package index ${repository} --url https://operators.example --generated-at ${time} -o -`,
    );
    expect(err).toBe('');
    const parsed = parseFirstYamlDocument(out);
    const index = parsed.ok ? parsed.document?.value : undefined;
    expect(index).toMatchObject({
      apiVersion: 'v1',
      generated: time,
      entries: {
        cache: [{ urls: ['https://operators.example/cache-8.1.0_0.4.0.tgz'] }],
        queue: ['1.10.0', '1.9.0', '1.0.0'].map((operatorVersion) => ({
          name: 'queue',
          appVersion: '3.9.0',
          operatorVersion,
          digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        })),
      },
    });
  });
});
