import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { hasErrors, previewComment, type Preview } from '../report/preview-comment.ts';
import type { CommandContext } from './command-context.ts';
import { comingRuns, quietRuns } from './diff-runs.ts';
import {
  planWorkingCopy,
  withWorkingCopyOptions,
  type WorkingCopyOptions,
  type WorkingCopyPlan,
} from './plan-working-copy.ts';
import { withExamples } from './output.ts';

interface PreviewOptions extends WorkingCopyOptions {
  readonly clusterName: string;
}

/** `kudo-gitops preview`: the comment that a pull request with this working copy would get. */
export function previewCommand(context: CommandContext): Command {
  const command = withWorkingCopyOptions(
    new Command('preview').description(
      'print the comment (Markdown) that a pull request with this working copy would get; exits with 1 when it names errors',
    ),
  )
    .option('--cluster-name <name>', 'name of the cluster, as in "run"', 'default')
    .action(async (folder: string, options: PreviewOptions) => {
      await preview(folder, options, context);
    });
  return withExamples(command, [
    ['Before opening a pull request', 'preview --sync shop/fleet'],
    [
      'In a pipeline of a forge that kudo-gitops does not speak to',
      'preview --sync shop/fleet > comment.md',
    ],
  ]);
}

async function preview(
  folder: string,
  options: PreviewOptions,
  context: CommandContext,
): Promise<void> {
  const working = await planWorkingCopy(folder, options, context);
  const headSha = await headOf(folder, context);
  const said = toPreview(working, headSha, options.clusterName);
  context.out(previewComment(said));
  if (hasErrors(said)) context.exit(1);
}

function toPreview(
  { plan, sync, namespace }: WorkingCopyPlan,
  headSha: string,
  clusterName: string,
): Preview {
  return {
    target: [clusterName, ...(sync ? [sync.namespace, sync.name] : [namespace])].join('/'),
    headSha,
    plans: plan.instances,
    phases: plan.phases,
    problems: plan.problems,
    runs: comingRuns(plan.runs),
    notes: [
      ...plan.removed.map((key) => `${key} would be removed from Git; it is not deleted`),
      ...quietRuns(plan.runs),
    ],
    hidesLiveValues: false,
    secretsOf: plan.secretsOf,
  };
}

/** As Git names what is not committed yet. */
const NOT_COMMITTED = '0'.repeat(40);

const run = promisify(execFile);

/** The commit that the folder shows; zeros when it is not one, or something in it was changed since. */
async function headOf(folder: string, { env, scope }: CommandContext): Promise<string> {
  const git = async (...args: readonly string[]): Promise<string> =>
    runGit(['-C', folder, ...args], env, scope);
  try {
    const changed = await git('status', '--porcelain', '--', '.');
    return changed === '' ? await git('rev-parse', '--verify', 'HEAD') : NOT_COMMITTED;
  } catch (thrown) {
    if (thrown instanceof Failure) return NOT_COMMITTED;
    throw thrown;
  }
}

async function runGit(
  args: readonly string[],
  env: CommandContext['env'],
  { signal }: Scope,
): Promise<string> {
  try {
    const settings = { ...env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
    const { stdout } = await run('git', args, { env: settings, signal, maxBuffer: 16 << 20 });
    return stdout.trim();
  } catch (cause) {
    signal.throwIfAborted();
    throw new Failure('missing', 'git cannot read the folder', { cause });
  }
}
