import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { Failure } from '../lib/failure.ts';
import type { CommandContext } from './command-context.ts';
import { checkCommand } from './check.ts';
import { completionCommand } from './completion.ts';
import { demoCommand } from './demo.ts';
import { diffCommand } from './diff.ts';
import { engineCommand } from './engine.ts';
import { eventsCommand } from './events.ts';
import { getCommand } from './get.ts';
import { historyCommand } from './history.ts';
import { packageCommand } from './package.ts';
import { planCommand } from './plan.ts';
import { previewCommand } from './preview.ts';
import { printFailure } from './print-failure.ts';
import { reconcileCommand } from './reconcile.ts';
import { runCommand } from './run.ts';
import { sandboxCommand } from './sandbox.ts';
import { renderCommand } from './render.ts';
import { resumeCommand, suspendCommand } from './suspend.ts';
import { validateCommand } from './validate.ts';
import { versionCommand } from './version.ts';
import { waitCommand } from './wait.ts';
import { webhookCommand } from './webhook.ts';

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
  renderCommand,
  historyCommand,
  packageCommand,
  planCommand,
  reconcileCommand,
  suspendCommand,
  resumeCommand,
  waitCommand,
  eventsCommand,
  checkCommand,
  webhookCommand,
  versionCommand,
  completionCommand,
];

/** Carries out one command line; the exit code is 0, or 1 for a failure (`diff` and `wait` have their own). */
export async function runProgram(argv: readonly string[], context: CommandContext): Promise<void> {
  const program = new Command('kudo-gitops')
    .description('Makes Git the only place where people change KUDO Instances')
    .version(context.version, '-V, --version')
    .configureOutput(outputTo(context))
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError()
    .exitOverride();
  for (const build of COMMANDS) program.addCommand(inherit(build(context), context));
  try {
    await program.parseAsync([...argv]);
  } catch (thrown) {
    report(thrown, argv[2] === 'diff', context);
  }
}

/** Commander copies neither output nor exit behaviour to commands that were made elsewhere. */
function inherit(command: Command, context: CommandContext): Command {
  command
    .configureOutput(outputTo(context))
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  for (const inner of command.commands) inherit(inner, context);
  return command;
}

function outputTo({ out, err }: CommandContext): OutputConfiguration {
  return { writeOut: out, writeErr: err };
}

function report(thrown: unknown, isDiff: boolean, context: CommandContext): void {
  if (thrown instanceof CommanderError) {
    // For `diff` 1 means "differs", so a wrong command line is an error like any other of it.
    context.exit(isDiff && thrown.exitCode !== 0 ? 2 : thrown.exitCode);
    return;
  }
  if (context.scope.signal.aborted) return;
  if (!(thrown instanceof Failure)) throw thrown;
  printFailure(thrown, context);
  context.exit(1);
}
