import { Command } from 'commander';
import { Failure } from '../lib/failure.ts';
import type { CommandContext } from './command-context.ts';
import { diffReport, diffText, errorsOf, hasDifferences } from './diff-text.ts';
import { isStructured, outputOption, structured, withExamples } from './output.ts';
import {
  planWorkingCopy,
  withWorkingCopyOptions,
  type WorkingCopyOptions,
} from './plan-working-copy.ts';
import { printFailure } from './print-failure.ts';
import { stylesFor } from './styles.ts';

interface DiffOptions extends WorkingCopyOptions {
  readonly output: 'text' | 'json' | 'yaml';
}

/** `kudo-gitops diff`: what a rollout of a working copy would change; exits with 0 for nothing, 1 for something, 2 for trouble. */
export function diffCommand(context: CommandContext): Command {
  const command = withWorkingCopyOptions(
    new Command('diff').description(
      'show what a rollout of a working copy would change in the cluster, in order; exits with 0 when nothing, 1 when something, 2 when it cannot be said or cannot be done',
    ),
  )
    .addOption(outputOption(['text', 'json', 'yaml']))
    .action(async (folder: string, options: DiffOptions) => {
      await diff(folder, options, context);
    });
  return withExamples(command, [
    [
      'As the Sync shop/fleet would read the working copy that you are in',
      'diff --sync shop/fleet',
    ],
    ['Without a Sync', 'diff ~/fleet --path operators --path shop -n shop'],
    ['For a program', 'diff --sync shop/fleet -o json'],
  ]);
}

async function diff(folder: string, options: DiffOptions, context: CommandContext): Promise<void> {
  try {
    const { plan } = await planWorkingCopy(folder, options, context);
    const { output } = options;
    context.out(
      isStructured(output)
        ? structured(diffReport(plan), output)
        : diffText(plan, folder, stylesFor(context)),
    );
    if (errorsOf(plan).length > 0) context.exit(2);
    else if (hasDifferences(plan)) context.exit(1);
  } catch (thrown) {
    context.scope.signal.throwIfAborted();
    if (!(thrown instanceof Failure)) throw thrown;
    printFailure(thrown, context);
    context.exit(2);
  }
}
