import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import { PackageLoader } from '../reconcile/package-loader.ts';
import type { LoadPackages } from '../reconcile/revision-reader.ts';
import { ContentStore } from '../source/content-store.ts';
import { createGitSource } from '../source/create-git-source.ts';
import type { CommandContext } from './command-context.ts';
import { collect } from './output.ts';

export interface PackageHostOptions {
  readonly packageHost?: readonly string[];
}

/** Names hosts that are not public and may be asked for packages. */
export function packageHostOption(): Option {
  return new Option(
    '--package-host <host>',
    'host (or host:port) on a private network that Packages may name (repeatable)',
  ).argParser(collect);
}

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 512 << 20;

/** Loads packages that live elsewhere without anybody's credentials; nothing is kept. */
export function packageLoading(
  { packageHost = [] }: PackageHostOptions,
  { programFolder, env }: CommandContext,
): LoadPackages {
  return async (pinned, scope) => {
    if (pinned.length === 0) return new Map();
    const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-packages-'));
    const workerFile = join(programFolder, 'git.worker.js');
    const git = createGitSource({ cacheDir: join(folder, 'mirrors'), workerFile, env }, scope);
    try {
      const store = new ContentStore(join(folder, 'tarballs'), MAX_BYTES);
      const loader = new PackageLoader({ git, store, privateHosts: packageHost, env });
      return await loader.loadAll(pinned, { mayFetch: true, timeoutMs: TIMEOUT_MS }, scope);
    } finally {
      await git.close();
      await rm(folder, { recursive: true, force: true });
    }
  };
}
