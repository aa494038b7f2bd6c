import type { CommandContext } from '../../src/commands/command-context.ts';
import { liveScope } from './scope.ts';
import { PROGRAM_FOLDER } from './service-process.ts';

/** What commands get when a test calls them in its own process. */
export function testCommandContext(): {
  readonly context: CommandContext;
  readonly printed: () => string;
  readonly stop: () => void;
} {
  const scope = liveScope();
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  const context: CommandContext = {
    scope,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    out: write,
    err: write,
    isTerminal: false,
    confirm: async () => false,
    exit: () => undefined,
    programFolder: PROGRAM_FOLDER,
    version: 'test',
  };
  return { context, printed: () => text, stop: scope.stop };
}
