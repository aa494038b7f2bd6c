import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit, type GitRun } from './git-command.ts';

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface LoggedCommit {
  readonly oid: string;
  readonly author: string;
  readonly email: string;
  /** ISO 8601. */
  readonly committedAt: string;
  readonly subject: string;
}

/** What all bare repositories of a sandbox share. */
export interface GitWorkshop {
  readonly env: GitRun['env'];
  readonly signal: AbortSignal;
  /** Holds the hooks that every repository runs. */
  readonly hooksDirectory: string;
  /** For work trees that last as long as one merge. */
  readonly worktreesDirectory: string;
}

export const NO_COMMIT = '0'.repeat(40);
export const DEFAULT_BRANCH = 'main';

const LOG_FORMAT = '--format=%H%x1f%an%x1f%ae%x1f%cI%x1f%s';

/** One bare repository on disk, through the git command. */
export class BareRepository {
  readonly #directory: string;
  readonly #workshop: GitWorkshop;
  #merges = 0;

  constructor(directory: string, workshop: GitWorkshop) {
    this.#directory = directory;
    this.#workshop = workshop;
  }

  /** Makes the repository with the settings Gitea gives its own: partial clones, and pull refs that nobody pushes to. */
  async create(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    await this.#git('init', '--bare', '--quiet');
    await this.#git('symbolic-ref', 'HEAD', `refs/heads/${DEFAULT_BRANCH}`);
    const settings = {
      'core.hooksPath': this.#workshop.hooksDirectory,
      'http.receivepack': 'true',
      'receive.hideRefs': 'refs/pull',
      'uploadpack.allowFilter': 'true',
      'uploadpack.allowAnySHA1InWant': 'true',
    };
    for (const [key, value] of Object.entries(settings)) {
      // Two writers of one configuration file would refuse each other.
      // oxlint-disable-next-line no-await-in-loop
      await this.#git('config', key, value);
    }
  }

  /** Makes the first commit of the default branch from files by path. */
  async commitFiles(
    files: Readonly<Record<string, string>>,
    author: Person & { readonly atMs: number },
  ): Promise<string> {
    const entries = Object.entries(files).map(
      ([path, text]) => `M 100644 inline ${JSON.stringify(path)}\n${data(text)}`,
    );
    const who = `${author.name} <${author.email}> ${Math.floor(author.atMs / 1_000)} +0000`;
    const head = `commit refs/heads/${DEFAULT_BRANCH}\ncommitter ${who}\n${data('Initial commit')}`;
    await runGit(['fast-import', '--quiet'], { ...this.#run(), input: head + entries.join('') });
    return this.#git('rev-parse', `refs/heads/${DEFAULT_BRANCH}`);
  }

  /** The commit that a name stands for, if there is one. */
  async resolve(name: string): Promise<string | undefined> {
    if (!/^[A-Za-z0-9_./-]{1,255}$/.test(name) || name.startsWith('-')) return undefined;
    return this.#git('rev-parse', '--verify', '--quiet', `${name}^{commit}`).catch(() => undefined);
  }

  async branch(name: string): Promise<string | undefined> {
    return this.resolve(`refs/heads/${name}`);
  }

  async setRef(ref: string, oid: string): Promise<void> {
    await this.#git('update-ref', ref, oid);
  }

  async mergeBase(a: string, b: string): Promise<string> {
    return this.#git('merge-base', a, b).catch(() => '');
  }

  /** What was done to which file between what `a` and `b` have in common and `b`; renamed is deleted and added. */
  async changedFiles(
    a: string,
    b: string,
  ): Promise<readonly { readonly mark: string; readonly path: string }[]> {
    const out = await this.#git('diff', '--name-status', '--no-renames', '-z', `${a}...${b}`);
    return [...out.matchAll(/([A-Z])\0([^\0]+)\0?/g)].map(([, mark = '', path = '']) => ({
      mark,
      path,
    }));
  }

  /** Whether merging the two would leave conflicts for a person. */
  async conflict(a: string, b: string): Promise<boolean> {
    const base = await this.mergeBase(a, b);
    if (base === '') return true;
    // The form with three commits writes a diff with conflict markers; it is in every version of git.
    const diff = await this.#git('merge-tree', base, a, b);
    return /^\+<{7} /m.test(diff) || /^removed in (local|remote)$/m.test(diff);
  }

  /** Commits reachable from `to` and not from `from`, newest first; of `to` alone when `from` is absent. */
  async log(to: string, options: { from?: string; max: number }): Promise<readonly LoggedCommit[]> {
    const range = options.from === undefined ? [to] : [to, `^${options.from}`];
    const text = await this.#git('log', `--max-count=${options.max}`, LOG_FORMAT, ...range, '--');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map(parseLogLine);
  }

  /**
   * Merges `head` into the branch with a merge commit and returns that commit.
   *
   * @throws {Error} when the two conflict or the branch moved meanwhile
   */
  async merge(branch: string, head: string, message: string, by: Person): Promise<string> {
    const base = await this.#git('rev-parse', `refs/heads/${branch}`);
    this.#merges += 1;
    const worktree = join(
      this.#workshop.worktreesDirectory,
      `${this.#directory.replaceAll('/', '_')}-${this.#merges}`,
    );
    await this.#git('worktree', 'add', '--quiet', '--detach', worktree, base);
    try {
      const env = {
        ...this.#workshop.env,
        GIT_AUTHOR_NAME: by.name,
        GIT_AUTHOR_EMAIL: by.email,
        GIT_COMMITTER_NAME: by.name,
        GIT_COMMITTER_EMAIL: by.email,
      };
      const run = { cwd: worktree, env, signal: this.#workshop.signal };
      await runGit(['merge', '--quiet', '--no-ff', '-m', message, head], run);
      const merged = await runGit(['rev-parse', 'HEAD'], run);
      await this.#git('update-ref', `refs/heads/${branch}`, merged, base);
      return merged;
    } finally {
      await rm(worktree, { recursive: true, force: true });
      await this.#git('worktree', 'prune').catch(() => undefined);
    }
  }

  async #git(...args: string[]): Promise<string> {
    return runGit(args, this.#run());
  }

  #run(): GitRun {
    const { env, signal } = this.#workshop;
    return { cwd: this.#directory, env, signal };
  }
}

/** A block of `git fast-import`. */
function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function parseLogLine(line: string): LoggedCommit {
  const [oid = '', author = '', email = '', committedAt = '', subject = ''] = line.split('\x1f');
  return { oid, author, email, committedAt, subject };
}
