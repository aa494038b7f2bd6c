import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A push whose output can be watched. */
export interface WatchedPush {
  readonly ended: Promise<number | null>;
  readonly output: () => string;
  /** Resolves when the person has seen `text`. */
  readonly shows: (text: string) => Promise<void>;
  /** Ctrl-C, which reaches every process of the terminal's group. */
  readonly interrupt: () => void;
}

/** A person's git, in a folder of its own, knowing nothing of this machine's configuration. */
export class GitPerson {
  readonly home: string;
  readonly #env: Record<string, string>;

  constructor(home: string) {
    this.home = home;
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Ann',
      GIT_AUTHOR_EMAIL: 'ann@example.org',
      GIT_COMMITTER_NAME: 'Ann',
      GIT_COMMITTER_EMAIL: 'ann@example.org',
    };
  }

  static async arrive(): Promise<GitPerson> {
    return new GitPerson(await mkdtemp(join(tmpdir(), 'git-person-')));
  }

  async leave(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }

  async git(directory: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
    return promisify(execFile)('git', args, { cwd: directory, env: this.#env });
  }

  /** Clones into a folder of that name below the home and returns the folder. */
  async clone(url: string, name = 'work'): Promise<string> {
    await this.git(this.home, 'clone', '--quiet', url, name);
    return join(this.home, name);
  }

  /** Commits files by path and returns the commit. */
  /** Commits files by path; null removes one. */
  async commit(
    work: string,
    files: Readonly<Record<string, string | null>>,
    subject: string,
  ): Promise<string> {
    await Promise.all(
      Object.entries(files).map(async ([path, text]) =>
        text === null ? rm(join(work, path)) : writeFile(join(work, path), text),
      ),
    );
    await this.git(work, 'add', '--all');
    await this.git(work, 'commit', '--quiet', '-m', subject);
    return this.head(work);
  }

  async head(work: string): Promise<string> {
    return (await this.git(work, 'rev-parse', 'HEAD')).stdout.trim();
  }

  push(work: string): WatchedPush {
    const child = spawn('git', ['push'], { cwd: work, env: this.#env, detached: true });
    let output = '';
    let wake: (() => void) | undefined;
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      wake?.();
    });
    return {
      ended: new Promise((resolve) => child.on('close', resolve)),
      output: () => output,
      interrupt: () => process.kill(-(child.pid ?? 0), 'SIGINT'),
      shows: async (text) => {
        while (!output.includes(text)) {
          // oxlint-disable-next-line no-await-in-loop
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    };
  }
}

/** The URL with a token as its password. */
export function withToken(url: string, token: string): string {
  return url.replace('http://', `http://me:${token}@`);
}
