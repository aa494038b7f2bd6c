import { join } from 'node:path';
import { runProgram } from '../../src/commands/program.ts';
import { liveScope } from './scope.ts';

/** What one command line wrote, and its exit code. */
export interface CommandResult {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Runs command lines in this process, as a program that is not on a terminal would be run. */
export function commandLine(
  kubeconfig: string,
  env: Readonly<Record<string, string>> = {},
): (...args: string[]) => Promise<CommandResult> {
  return async (...args) => {
    const scope = liveScope();
    const result = { out: '', err: '', code: 0 };
    await runProgram(['node', 'kudo-gitops', ...args], {
      scope,
      env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig, ...env },
      out: (text) => {
        result.out += text;
      },
      err: (text) => {
        result.err += text;
      },
      isTerminal: false,
      confirm: () => Promise.resolve(false),
      exit: (code) => {
        result.code = code;
      },
      programFolder: join(import.meta.dirname, '../../dist'),
      version: 'test',
    });
    scope.stop();
    return result;
  };
}
