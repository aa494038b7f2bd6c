import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';
import type { Scope } from '../lib/scope.ts';
import type { Edit } from './scenario.ts';

const run = promisify(execFile);

/** A clone in a temporary folder, as a person at a keyboard would have it. */
export interface GitWorktree {
  readonly folder: string;
  /** Writes the edits and commits them; gives the commit's id. */
  commit(message: string, author: string, edits: readonly Edit[]): Promise<string>;
  /** Runs git there; standard output, trimmed. */
  git(...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Clones `url` (with credentials in it, if it needs some).
 *
 * @throws {Failure} with what git said, credentials taken out
 */
export async function cloneRepository(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
  scope: Scope,
): Promise<GitWorktree> {
  const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-clone-'));
  const remove = async (): Promise<void> => rm(folder, { recursive: true, force: true });
  const git = gitIn(folder, env, scope);
  try {
    await git('clone', '--quiet', '--', url, '.');
    await git('config', 'user.email', 'demo@kudo-gitops.invalid');
    await git('config', 'user.name', 'demo');
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  return {
    folder,
    git,
    commit: async (message, author, edits) => {
      for (const edit of edits) await applyEdit(folder, edit);
      await git('add', '--all');
      const who = `${author} <${author.toLowerCase().replaceAll(' ', '.')}@shop.invalid>`;
      await git('commit', '--quiet', `--author=${who}`, '-m', message);
      return git('rev-parse', 'HEAD');
    },
    remove,
  };
}

/** Runs git in `folder`; when the scope stops, git is ended, and has ended when this rejects. */
function gitIn(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  scope: Scope,
): GitWorktree['git'] {
  const settings = { ...env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' };
  return async (...args) => {
    scope.signal.throwIfAborted();
    const running = run('git', args, { cwd: folder, env: settings, maxBuffer: 16 << 20 });
    const end = (): void => void running.child.kill();
    scope.signal.addEventListener('abort', end, { once: true });
    try {
      return (await running).stdout.trim();
    } catch (thrown) {
      scope.signal.throwIfAborted();
      const { stderr = String(thrown) } = thrown as { stderr?: string };
      throw new Failure('unreachable', redactText(`git ${args[0] ?? ''}: ${stderr.trim()}`));
    } finally {
      scope.signal.removeEventListener('abort', end);
    }
  };
}

async function applyEdit(folder: string, { file, from, to }: Edit): Promise<void> {
  const path = join(folder, file);
  if (to === null) {
    await rm(path);
    return;
  }
  if (from === undefined) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, to);
    return;
  }
  const text = await readFile(path, 'utf8');
  if (!text.includes(from)) throw new Failure('invalid', `${file} does not say ${from}`);
  await writeFile(path, text.replace(from, to));
}
