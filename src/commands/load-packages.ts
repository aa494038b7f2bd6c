import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import type { KubeClient } from '../cluster/kube-client.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { PackageLoader } from '../reconcile/package-loader.ts';
import type { LoadPackages } from '../reconcile/revision-reader.ts';
import { readRemote, type SyncSettings } from '../reconcile/sync-settings.ts';
import { ContentStore } from '../source/content-store.ts';
import { createGitSource } from '../source/create-git-source.ts';
import type { GitRemote } from '../source/git-source.ts';
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

/**
 * Loads packages that live elsewhere; nothing is kept.
 *
 * @param readOwn the repository of the Sync on whose behalf it is done, asked when there is something to load:
 *   its credentials go to its own host only. Without one, nobody's are used.
 */
export function packageLoading(
  { packageHost = [] }: PackageHostOptions,
  { programFolder, env }: Pick<CommandContext, 'programFolder' | 'env'>,
  readOwn?: (scope: Scope) => Promise<GitRemote | undefined>,
): LoadPackages {
  return async (pinned, scope) => {
    if (pinned.length === 0) return new Map();
    const remote = await readOwn?.(scope);
    const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-packages-'));
    const workerFile = join(programFolder, 'git.worker.js');
    const git = createGitSource({ cacheDir: join(folder, 'mirrors'), workerFile, env }, scope);
    try {
      const store = new ContentStore(join(folder, 'tarballs'), MAX_BYTES);
      const loader = new PackageLoader({ git, store, privateHosts: packageHost, env });
      return await loader.loadAll(pinned, { remote, mayFetch: true, timeoutMs: TIMEOUT_MS }, scope);
    } finally {
      await git.close();
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Reads the repository of a Sync with its credentials; gives none where its Secret may not be read. */
export function remoteOfSync(
  settings: SyncSettings,
  client: KubeClient,
): (scope: Scope) => Promise<GitRemote | undefined> {
  return async (scope) => {
    try {
      return await readRemote(settings, client, scope);
    } catch (thrown) {
      scope.signal.throwIfAborted();
      if (!(thrown instanceof Failure)) throw thrown;
      scope.log.info('packages are loaded without credentials', { error: thrown });
      return undefined;
    }
  };
}
