import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real Git repository in a temporary folder: a working tree and the bare copy that is served. */
export interface GitRepository {
  /** Holds `<name>.git`. */
  readonly root: string;
  readonly bare: string;
  readonly work: string;
  /** Runs git in the working tree and returns what it printed, without the newline at its end. */
  git(...args: string[]): string;
  /** Writes files (null deletes), commits, pushes all branches, and returns the commit's id. */
  commit(subject: string, files: Record<string, string | Buffer | null>): string;
  remove(): void;
}

/** Makes an empty repository `<name>.git` with the branch main. Its clock moves a minute a commit. */
export function createGitRepository(name = 'fleet', initArgs: string[] = []): GitRepository {
  const root = mkdtempSync(join(tmpdir(), 'git-source-test-'));
  const bare = join(root, `${name}.git`);
  const work = join(root, 'work');
  let minutes = 0;
  const git = (...args: string[]): string => runGit(work, minutes, args);
  mkdirSync(work);
  git('init', '--quiet', '--bare', '--initial-branch=main', ...initArgs, bare);
  git('init', '--quiet', '--initial-branch=main', ...initArgs);
  git('config', 'gc.auto', '0');
  git('remote', 'add', 'origin', bare);
  return {
    root,
    bare,
    work,
    git,
    commit: (subject, files) => {
      minutes++;
      for (const [path, content] of Object.entries(files)) put(join(work, path), content);
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', subject);
      git('push', '--quiet', '--force', '--all', 'origin');
      return git('rev-parse', 'HEAD');
    },
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function put(file: string, content: string | Buffer | null): void {
  mkdirSync(dirname(file), { recursive: true });
  if (content === null) rmSync(file);
  else writeFileSync(file, content);
}

function runGit(cwd: string, minutes: number, args: readonly string[]): string {
  const seconds = 1_700_000_000 + minutes * 60;
  const printed = execFileSync('git', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
    env: {
      PATH: process.env['PATH'],
      HOME: cwd,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Ada Lovelace',
      GIT_AUTHOR_EMAIL: 'ada@example.org',
      GIT_AUTHOR_DATE: `${seconds} +0100`,
      GIT_COMMITTER_NAME: 'Grace Hopper',
      GIT_COMMITTER_EMAIL: 'grace@example.org',
      GIT_COMMITTER_DATE: `${seconds} -0500`,
    },
  });
  return printed.replace(/\n$/, '');
}
