import { Command, CommanderError } from 'commander';
import { Failure, messageOf } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';
import type { CommandContext } from './command-context.ts';
import { demoCommand } from './demo.ts';
import { diffCommand } from './diff.ts';
import { engineCommand } from './engine.ts';
import { getCommand } from './get.ts';
import { historyCommand } from './history.ts';
import { previewCommand } from './preview.ts';
import { runCommand } from './run.ts';
import { sandboxCommand } from './sandbox.ts';
import { validateCommand } from './validate.ts';
import { versionCommand } from './version.ts';
import { waitCommand } from './wait.ts';

/** Every verb, in the order of `--help`. To add one: write `commands/<verb>.ts` and name it here. */
const COMMANDS: readonly ((context: CommandContext) => Command)[] = [
  demoCommand,
  sandboxCommand,
  runCommand,
  engineCommand,
  getCommand,
  diffCommand,
  previewCommand,
  validateCommand,
  historyCommand,
  waitCommand,
  versionCommand,
];

/** Carries out one command line; the exit code is 0, or 1 for a failure (`diff` and `wait` have their own). */
export async function runProgram(argv: readonly string[], context: CommandContext): Promise<void> {
  const program = new Command('kudo-gitops')
    .description('Makes Git the only place where people change KUDO Instances')
    .version(context.version, '-V, --version')
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError()
    .exitOverride();
  for (const build of COMMANDS) program.addCommand(inherit(build(context), context));
  try {
    await program.parseAsync([...argv]);
  } catch (thrown) {
    report(thrown, context);
  }
}

/** Commander copies neither output nor exit behaviour to commands that were made elsewhere. */
function inherit(command: Command, context: CommandContext): Command {
  command
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  for (const inner of command.commands) inherit(inner, context);
  return command;
}

function report(thrown: unknown, context: CommandContext): void {
  if (thrown instanceof CommanderError) {
    context.exit(thrown.exitCode);
    return;
  }
  if (context.scope.signal.aborted) return;
  if (!(thrown instanceof Failure)) throw thrown;
  const hint = thrown.hint === undefined ? '' : `\n  → ${thrown.hint}`;
  context.err(redactText(`kudo-gitops: ${messageOf(thrown)}${hint}\n`));
  context.exit(1);
}
