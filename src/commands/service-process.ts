import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { CommandContext } from './command-context.ts';

/** How the service is started. */
export interface ServiceProcessWish {
  /** Options of `kudo-gitops run`. */
  readonly args: readonly string[];
  /** File for what it says. */
  readonly logFile: string;
}

/** `kudo-gitops run` as a process of its own. */
export interface ServiceProcess {
  /** Rejects, with the end of its log, when the service ends by itself. */
  readonly ended: Promise<never>;
  /** Ends it: it is asked to, and after some seconds made to. */
  stop(): Promise<void>;
}

const GRACE_MS = 10_000;
const SHOWN_LOG_LINES = 10;

export function startServiceProcess(
  { args, logFile }: ServiceProcessWish,
  { programFolder, env }: Pick<CommandContext, 'programFolder' | 'env'>,
  scope: Scope,
): ServiceProcess {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [join(programFolder, 'kudo-gitops.js'), 'run', ...args], {
    env: { ...env },
    // Ctrl-C in a terminal goes to the whole group; the service is stopped in its turn.
    detached: true,
    stdio: ['ignore', 'ignore', log],
  });
  closeSync(log);
  const exit = once(child, 'exit');
  let isStopping = false;
  const ended = (async (): Promise<never> => {
    const [code, signal] = (await exit) as [number | null, string | null];
    if (isStopping) return new Promise<never>(() => undefined);
    const hint = `the end of its log:\n${await endOf(logFile)}`;
    throw new Failure('unreachable', `the service ended with ${String(code ?? signal)}`, { hint });
  })();
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      isStopping = true;
      await end(child, exit, scope);
    },
  };
}

async function end(child: ChildProcess, exit: Promise<unknown>, scope: Scope): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const gone = new AbortController();
  const makeItEnd = async (): Promise<void> => {
    await scope.clock.sleep(GRACE_MS, gone.signal);
    child.kill('SIGKILL');
  };
  makeItEnd().catch(() => undefined);
  await exit;
  gone.abort();
}

async function endOf(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-SHOWN_LOG_LINES).join('\n');
}
