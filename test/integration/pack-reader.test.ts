import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommitGraph } from '../../src/source/commit-graph.ts';
import { diffTrees } from '../../src/source/diff-trees.ts';
import { DEFAULT_GIT_LIMITS } from '../../src/source/git-limits.ts';
import { DamagedMirror, ObjectTooLarge, type ObjectType } from '../../src/source/git-object.ts';
import { ObjectStore } from '../../src/source/object-store.ts';
import { liveScope } from '../fakes/scope.ts';

interface RandomCommit {
  readonly parents: readonly number[];
  readonly seconds: number;
  readonly edits: readonly { path: string; mode: string; line: number; text: string }[];
}

const PATHS = [
  'a.yaml',
  'a/b.yaml',
  'a/b/c.yaml',
  'a/b-c/d.sh',
  'apps/é.yaml',
  'z',
  'apps/x/y/z.txt',
];

const randomHistory = fc.array(
  fc.record({
    parents: fc.array(fc.nat(11), { maxLength: 2 }),
    seconds: fc.integer({ min: 0, max: 40 }),
    edits: fc.array(
      fc.record({
        path: fc.constantFrom(...PATHS),
        mode: fc.constantFrom('100644', '100755', '120000', 'delete'),
        line: fc.nat(300),
        text: fc.string({ maxLength: 12 }),
      }),
      { maxLength: 4 },
    ),
  }),
  { minLength: 2, maxLength: 12 },
);

/** A repository in the bare folder `folder`, made by git itself; returns its commits. */
function importHistory(
  folder: string,
  history: readonly RandomCommit[],
  packing: string,
): string[] {
  const git = gitIn(folder);
  git(['init', '--quiet', '--bare', '--initial-branch=main', folder]);
  const stream: Buffer[] = [];
  const say = (text: string): void => void stream.push(Buffer.from(text));
  const data = (text: string): void => {
    say(`data ${Buffer.byteLength(text)}\n${text}\n`);
  };
  const contents = new Map<string, string[]>();
  for (const [index, { parents, seconds, edits }] of history.entries()) {
    const marks = [...new Set(parents.filter((parent) => parent < index))];
    say(`commit refs/heads/c${index}\nmark :${index + 1}\n`);
    say(`committer A <a@example.org> ${1_700_000_000 + seconds} +0000\n`);
    data(`commit ${index}`);
    for (const [at, parent] of marks.entries()) say(`${at ? 'merge' : 'from'} :${parent + 1}\n`);
    for (const { path, mode, line, text } of edits) {
      if (mode === 'delete') say(`D ${path}\n`);
      else {
        const lines = contents.get(path) ?? Array.from({ length: 300 }, (_, n) => `line ${n}`);
        lines[line] = text;
        contents.set(path, lines);
        say(`M ${mode} inline ${path}\n`);
        data(lines.join('\n'));
      }
    }
  }
  git(['fast-import', '--quiet', '--force'], Buffer.concat(stream));
  if (packing === 'repacked') git(['repack', '-adfq', '--depth=50', '--window=50']);
  if (packing === 'loose') {
    const packs = join(folder, 'objects/pack');
    const [pack] = readdirSync(packs).filter((name) => name.endsWith('.pack'));
    if (pack) {
      const bytes = readFileSync(join(packs, pack));
      rmSync(packs, { recursive: true });
      execFileSync('mkdir', [packs]);
      git(['unpack-objects', '-q'], bytes);
    }
  }
  return history.map((_, index) =>
    git(['rev-parse', `refs/heads/c${index}`])
      .toString()
      .trim(),
  );
}

function gitIn(folder: string): (args: string[], input?: Buffer) => Buffer {
  return (args, input) =>
    execFileSync('git', args, {
      cwd: folder,
      input: input ?? Buffer.alloc(0),
      stdio: ['pipe', 'pipe', 'ignore'],
      maxBuffer: 1 << 28,
      env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
    });
}

async function inFolder<T>(work: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pack-reader-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const packings = fc.constantFrom('as imported', 'repacked', 'loose');

test('reads every object of random repositories as git cat-file does', async () => {
  await fc.assert(
    fc.asyncProperty(randomHistory, packings, async (history, packing) => {
      await inFolder((folder) => {
        importHistory(folder, history, packing);
        const git = gitIn(folder);
        const store = new ObjectStore(folder, { ...DEFAULT_GIT_LIMITS, cacheBytes: 20_000 });
        const listed = git(['cat-file', '--batch-check', '--batch-all-objects']).toString();
        for (const line of listed.trim().split('\n')) {
          const [oid = '', type = ''] = line.split(' ');
          expect(store.read(oid, type as ObjectType)).toEqual(git(['cat-file', type, oid]));
        }
        expect(store.has('0'.repeat(40))).toBe(false);
        store.close();
      });
    }),
    { numRuns: 6 },
  );
});

test('finds the changed paths, merge bases and ancestors that git finds', async () => {
  await fc.assert(
    fc.asyncProperty(randomHistory, packings, async (history, packing) => {
      await inFolder(async (folder) => {
        const oids = importHistory(folder, history, packing);
        const git = (...args: string[]): string[] =>
          gitIn(folder)(args)
            .toString()
            .split(/[\n\0]/)
            .filter(Boolean);
        const scope = liveScope();
        const store = new ObjectStore(folder, DEFAULT_GIT_LIMITS);
        const graph = new CommitGraph(store, DEFAULT_GIT_LIMITS, scope);
        for (const [index, to] of oids.entries()) {
          const from = oids[(index * 5 + 1) % oids.length] ?? '';
          const trees = [graph.read(from).tree, graph.read(to).tree] as const;
          const paths = await diffTrees(store, trees, DEFAULT_GIT_LIMITS, scope);
          const expected = git('diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to);
          expect(paths.toSorted()).toEqual(expected.toSorted());
          const first = await graph.firstParents(to, { max: 100 });
          expect(first.map(({ oid }) => oid)).toEqual(git('rev-list', '--first-parent', to));
          const bases = basesOf(folder, from, to);
          expect([...bases, undefined]).toContain(await graph.mergeBase(from, to));
          expect((await graph.mergeBase(from, to)) === undefined).toBe(bases.length === 0);
          const reachable = git('rev-list', to);
          expect(await graph.isAncestor(from, to)).toBe(reachable.includes(from));
        }
        store.close();
      });
    }),
    { numRuns: 6 },
  );
});

function basesOf(folder: string, a: string, b: string): string[] {
  try {
    return gitIn(folder)(['merge-base', '--all', a, b]).toString().trim().split('\n');
  } catch {
    return [];
  }
}

const ONE_FILE: RandomCommit[] = [
  {
    parents: [],
    seconds: 1,
    edits: [{ path: 'a.yaml', mode: '100644', line: 1, text: 'x'.repeat(5_000) }],
  },
];

test('does not inflate more than it was told to', async () => {
  await inFolder((folder) => {
    importHistory(folder, ONE_FILE, 'repacked');
    const blob = gitIn(folder)(['rev-parse', 'c0:a.yaml']).toString().trim();
    const store = new ObjectStore(folder, DEFAULT_GIT_LIMITS);
    expect(() => store.read(blob, 'blob', 1_000)).toThrow(ObjectTooLarge);
    store.close();
  });
});

test.each([
  {
    why: 'an index that was cut while it was written',
    damage: (folder: string) => {
      truncateSync(packFile(folder, '.idx'), 1_100);
    },
  },
  {
    why: 'a pack that was cut while it was written',
    damage: (folder: string) => {
      truncateSync(packFile(folder, '.pack'), 100);
    },
  },
  {
    why: 'an index full of zeros, as after a power cut',
    damage: (folder: string) => {
      writeFileSync(packFile(folder, '.idx'), Buffer.alloc(1_200));
    },
  },
])('refuses to open $why', async ({ damage }) => {
  await inFolder((folder) => {
    importHistory(folder, ONE_FILE, 'repacked');
    execFileSync('chmod', ['-R', 'u+w', folder]);
    damage(folder);
    expect(() => new ObjectStore(folder, DEFAULT_GIT_LIMITS)).toThrow(DamagedMirror);
  });
});

test('refuses an object whose bytes are no longer what its id says', async () => {
  await inFolder((folder) => {
    importHistory(folder, ONE_FILE, 'repacked');
    execFileSync('chmod', ['-R', 'u+w', folder]);
    const commit = gitIn(folder)(['rev-parse', 'c0']).toString().trim();
    const bytes = readFileSync(packFile(folder, '.pack'));
    bytes[30] = (bytes[30] ?? 0) ^ 0xff;
    writeFileSync(packFile(folder, '.pack'), bytes);
    const store = new ObjectStore(folder, DEFAULT_GIT_LIMITS);
    expect(() => store.read(commit, 'commit')).toThrow(DamagedMirror);
    store.close();
  });
});

function packFile(folder: string, extension: string): string {
  const packs = join(folder, 'objects/pack');
  const name = readdirSync(packs).find((candidate) => candidate.endsWith(extension)) ?? '';
  return join(packs, name);
}
