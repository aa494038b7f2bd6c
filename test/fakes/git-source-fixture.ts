import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { DEFAULT_GIT_LIMITS, type GitLimits } from '../../src/source/git-limits.ts';
import type { GitRemote, GitSource } from '../../src/source/git-source.ts';
import { createMirrorGitSource } from '../../src/source/mirror-git-source.ts';
import { startGitHttpServer, type GitHttpServer } from './git-http.ts';
import { createGitRepository, type GitRepository } from './git-repository.ts';
import { liveScope } from './scope.ts';

/** What each test gets afresh: a repository, a server for it, and a Git source in this thread. */
export interface GitSourceFixture {
  repository: GitRepository;
  server: GitHttpServer;
  source: GitSource;
  scope: ReturnType<typeof liveScope>;
  remote: GitRemote;
  /** Ends the source and starts another on the same mirrors. */
  restart(limits?: Partial<GitLimits>): Promise<void>;
  /** The text of the first file below `path`. */
  textOf(oid: string, path: string): Promise<string | undefined>;
}

export const MAIN = 'refs/heads/main';
export const READ = { maxFiles: 10_000, maxFileBytes: 1 << 20, maxTotalBytes: 1 << 26 };

/** Registers the hooks that make the fixture; its fields are there from the first test on. */
export function useGitSource(): GitSourceFixture {
  const at = {} as GitSourceFixture;
  beforeEach(async () => {
    at.repository = createGitRepository();
    at.server = await startGitHttpServer(at.repository.root);
    at.scope = liveScope();
    at.remote = { url: `${at.server.url}/fleet.git` };
    await at.restart();
  });
  afterEach(async () => {
    await at.source.close();
    await at.server.close();
    at.repository.remove();
  });
  at.restart = async (limits) => {
    await (at.source as GitSource | undefined)?.close();
    const cacheDir = join(at.repository.root, 'mirrors');
    at.source = createMirrorGitSource({ cacheDir, limits: { ...DEFAULT_GIT_LIMITS, ...limits } });
  };
  at.textOf = async (oid, path) =>
    (await at.source.readFiles(at.remote, oid, [path], READ, at.scope)).files[0]?.text;
  return at;
}

/** What a promise was rejected with. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  );
