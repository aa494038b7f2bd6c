import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { documents, readText, ROOT, tableRows } from './documents.ts';

interface Rule {
  readonly name: string;
  readonly comment?: string;
}

/** Folder → what it may import, from the rules that `npm run deps` enforces. */
function enforcedImports(): Readonly<Record<string, string>> {
  const require = createRequire(import.meta.url);
  const { forbidden } = require(join(ROOT, '.dependency-cruiser.cjs')) as { forbidden: Rule[] };
  return Object.fromEntries(
    forbidden.flatMap(({ comment = '' }) => {
      const [, folder = '', allowed = ''] = /^(\w+) may import: (.*)$/.exec(comment) ?? [];
      return folder === '' ? [] : [[folder, allowed.replace('nothing', '–').replaceAll(',', '')]];
    }),
  );
}

/** The same from a document; its last row says "all above" for commands/. */
function documentedImports(path: string): Readonly<Record<string, string>> {
  const rows = tableRows(readText(path)).filter(([folder = '']) => /^[a-z]+\/$/.test(folder));
  const folders = rows.map(([folder = '']) => folder.slice(0, -1));
  return Object.fromEntries(
    rows.map((row, index) => {
      const allowed = row.at(-1) ?? '';
      const above = folders.slice(0, index).toSorted(byName).join(' ');
      return [folders[index] ?? '', allowed.endsWith(' above') ? above : allowed];
    }),
  );
}

const byName = (a: string, b: string): number => a.localeCompare(b);

const sorted = (imports: string): string => imports.split(' ').toSorted(byName).join(' ');

const withSortedImports = (table: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(table).map(([folder, imports]) => [folder, sorted(imports)]));

test.each(['docs/architecture.md', 'AGENTS.md'])(
  'the import table of %s is the one that is enforced, for every folder',
  (path) => {
    const documented = withSortedImports(documentedImports(path));
    expect(documented).toEqual(withSortedImports(enforcedImports()));
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(Object.keys(documented).toSorted(byName)).toEqual(folders.toSorted(byName));
  },
);

test('a decision is a page that people read to its end, and AGENTS.md one that fits into a head', () => {
  const tooLong = documents()
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ path, lines }) => lines > (path.startsWith('docs/decisions/') ? 40 : Infinity));
  expect(tooLong).toEqual([]);
  expect(readText('AGENTS.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});

test('decisions are numbered without gaps', () => {
  const numbers = readdirSync(join(ROOT, 'docs/decisions'))
    .toSorted()
    .map((name) => Number(name.slice(0, 4)));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});
