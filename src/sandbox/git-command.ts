import { execFile } from 'node:child_process';
import { messageOf } from '../lib/failure.ts';

/** Where git is found and what it may know of this machine: nothing of the person's own configuration. */
export interface GitEnvironment {
  readonly PATH: string;
  readonly HOME: string;
}

export interface GitRun {
  readonly cwd: string;
  readonly env: GitEnvironment & Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Given to git on its standard input. */
  readonly input?: string | Buffer;
}

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** The environment of every git process of the sandbox. */
export function gitEnvironment(path: string, home: string): GitRun['env'] {
  return {
    PATH: path,
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/**
 * What git printed, without the newline at its end. Arguments never pass through a shell.
 *
 * @throws {Error} with what git said when it ends with another code than 0
 */
export async function runGit(args: readonly string[], run: GitRun): Promise<string> {
  const { cwd, env, signal, input } = run;
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      args,
      { cwd, env, signal, maxBuffer: MAX_OUTPUT_BYTES },
      (thrown, stdout, stderr) => {
        if (thrown === null) resolve(stdout.replace(/\n$/, ''));
        else reject(new Error(`git ${args[0] ?? ''}: ${stderr.trim() || messageOf(thrown)}`));
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
