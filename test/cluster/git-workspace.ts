import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A person's clone of a repository: commits files and pushes them with the `git` command. */
export interface GitWorkspace {
  readonly dir: string;
  /** Runs git there and gives what it prints. */
  readonly git: (...args: string[]) => Promise<string>;
  /** Writes files (`undefined` removes one), commits everything and gives the commit's id. */
  readonly commit: (
    message: string,
    files: Readonly<Record<string, string | undefined>>,
  ) => Promise<string>;
  /** Pushes HEAD to a branch; gives what git printed, the server's `remote:` lines among it. */
  readonly push: (branch?: string) => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** Starts a repository with branch `main` that pushes to `url` (which may hold credentials). */
export async function createWorkspace(url: string): Promise<GitWorkspace> {
  const dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-workspace-'));
  const git = async (...args: string[]): Promise<string> =>
    (await inFolder(dir, args)).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  await git('remote', 'add', 'origin', url);
  return {
    dir,
    git,
    commit: async (message, files) => {
      for (const [path, text] of Object.entries(files)) await put(join(dir, path), text);
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', `--message=${message}`);
      return git('rev-parse', 'HEAD');
    },
    push: async (branch = 'main') => {
      const { stderr } = await inFolder(dir, [
        'push',
        '--force',
        'origin',
        `HEAD:refs/heads/${branch}`,
      ]);
      return stderr;
    },
    remove: async () => rm(dir, { recursive: true, force: true }),
  };
}

/** Without the machine's own configuration: no signing, no hooks, no credential helper. */
async function inFolder(dir: string, args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run('git', args, {
    cwd: dir,
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
    },
  });
}

async function put(path: string, text: string | undefined): Promise<void> {
  if (text === undefined) {
    await rm(path, { force: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
