import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitSource } from '../source/create-git-source.ts';
import type { GitSource } from '../source/git-source.ts';
import type { CommandContext } from './command-context.ts';

/** A Git source with a mirror of its own, which is removed afterwards. */
export async function withGitSource<T>(
  { programFolder, scope, env }: CommandContext,
  work: (source: GitSource) => Promise<T>,
): Promise<T> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'kudo-gitops-mirror-'));
  const workerFile = join(programFolder, 'git.worker.js');
  const source = createGitSource({ cacheDir, workerFile, env }, scope);
  try {
    return await work(source);
  } finally {
    await source.close();
    await rm(cacheDir, { recursive: true, force: true });
  }
}
