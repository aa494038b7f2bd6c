import { dirname } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import type { CommandContext } from './commands/command-context.ts';
import { jsonLogger, type LogLevel } from './lib/log.ts';
import { systemClock } from './lib/scope.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * What commands may know of this process. The first SIGINT or SIGTERM stops the scope, so that
 * everything ends in order; the second one ends the process at once.
 */
export function processContext(): { context: CommandContext; ended: () => void } {
  const { env, stdout, stderr, stdin } = process;
  const stopping = new AbortController();
  let hasAsked = false;
  const stop = (): void => {
    if (hasAsked) process.exit(130);
    hasAsked = true;
    stopping.abort(new Error('stopped'));
  };
  // Whoever read is gone (`demo | head`): there is nobody to talk to, but still things to clean up.
  const readerGone = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    stopping.abort(new Error('nobody reads the output'));
  };
  stdout.on('error', readerGone);
  stderr.on('error', readerGone);
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  const level = LEVELS.find((one) => one === env['KUDO_GITOPS_LOG']) ?? 'info';
  const context: CommandContext = {
    scope: {
      signal: stopping.signal,
      clock: systemClock,
      log: jsonLogger({ write: (line) => void stderr.write(line) }, level),
    },
    env,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isTerminal: stdout.isTTY,
    confirm: async (question) => {
      if (!stdin.isTTY || !stdout.isTTY) return false;
      const terminal = createInterface({ input: stdin, output: stdout });
      const answer = await terminal.question(`${question} [y/N] `, { signal: stopping.signal });
      terminal.close();
      return /^y(es)?$/i.test(answer.trim());
    },
    exit: (code) => {
      process.exitCode = code;
    },
    programFolder: dirname(fileURLToPath(import.meta.url)),
    // esbuild writes the version here; outside a bundle there is none.
    version: process.env['KUDO_GITOPS_VERSION'] ?? 'dev',
  };
  const ended = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.off('SIGHUP', stop);
  };
  return { context, ended };
}
