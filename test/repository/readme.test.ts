import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { SyncSpec } from '../../src/model/sync.ts';
import { commandLines, documents, readText, ROOT } from './documents.ts';

const run = promisify(execFile);
const PROGRAM = join(ROOT, 'dist', 'kudo-gitops.js');
const README = readText('README.md');
const all = documents();

const kudoGitops = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [PROGRAM, ...args], { cwd: ROOT })).stdout;

/** Commands that are known by two words. */
const GROUPS = new Set(['engine', 'package', 'plan']);

const helps = new Map<string, Promise<string>>();

function helpOf(verbs: string): Promise<string> {
  const help = helps.get(verbs) ?? kudoGitops(...verbs.split(' '), '--help');
  helps.set(verbs, help);
  return help;
}

test('the first command of the README starts the demo, the second runs the tests', () => {
  const blocks = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, body = '']) => body.trim());
  expect(blocks.slice(0, 2)).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
});

test('every npm script that a document names exists', () => {
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
  const named = all.flatMap((document) =>
    commandLines(document).flatMap((line) => {
      const script = /^npm (?:run |(?=test\b))([\w:-]+)/.exec(line)?.[1];
      return script === undefined || script in scripts ? [] : [`${document.path}: ${line}`];
    }),
  );
  expect(named).toEqual([]);
});

describe('every command line of kudo-gitops in the documents', () => {
  const lines = new Set(
    all.flatMap(commandLines).flatMap((line) => {
      const words = /^(?:node dist\/kudo-gitops\.js|kudo-gitops) +(.+)$/.exec(line)?.[1];
      return words === undefined ? [] : [words];
    }),
  );

  test.each([...lines])('%s', async (line) => {
    const words = line.split(/\s+/);
    const optionAt = words.findIndex((word) => !/^[a-z]+$/.test(word));
    const verbs = optionAt === -1 ? words : words.slice(0, optionAt);
    const options = words.flatMap((word) => /^--?[a-z][a-z-]*/.exec(word)?.[0] ?? []);
    const command = verbs.slice(0, GROUPS.has(verbs[0] ?? '') ? 2 : 1).join(' ');
    const help = await helpOf(command);
    expect(help).toContain(`Usage: kudo-gitops ${command}`);
    for (const option of options) expect(help).toMatch(new RegExp(`(^|[\\s,])${option}\\b`, 'm'));
  });
});

test('every file that a document links to exists', () => {
  const missing = all.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target.replace(/#.*$/, ''))
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  );
  expect(missing).toEqual([]);
});

test('every file of ours that a document names in code exists', () => {
  const missing = all.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:src|test|deploy|docs|examples|scripts)\/[\w./-]+)`/g)]
      .map(([, named = '']) => named)
      .filter((named) => !existsSync(join(ROOT, named)))
      .map((named) => `${path}: ${named}`),
  );
  expect(missing).toEqual([]);
});

test('the Sync in the README is one that the service takes', () => {
  const [, source = ''] = /```yaml\n([\s\S]*?)```/.exec(README) ?? [];
  const sync = load(source) as { kind: string; spec: unknown };
  expect(sync.kind).toBe('Sync');
  expect(SyncSpec.parse(sync.spec).forge?.type).toBe('gitea');
});

test('the commands that need no cluster do what the documents say', async () => {
  expect(await kudoGitops('version')).toContain('0.1.0');
  expect(await kudoGitops('engine', 'install', '--dry-run')).toContain(
    'MutatingWebhookConfiguration',
  );
  const paths = ['--path', 'operators', '--path', 'shop'];
  await kudoGitops('validate', 'examples/fleet', ...paths, '-n', 'shop');
});

test('the picture is a recording that names what it shows', () => {
  const svg = readFileSync(join(ROOT, 'docs/pictures/demo.svg'), 'utf8');
  expect(svg).toContain('<title>');
  expect(svg).toContain('every verdict was right');
  expect(svg).not.toMatch(/<script|href=|127\.0\.0\.1/);
});
