import { join } from 'node:path';
import { Command } from 'commander';
import { createTwoFilesPatch } from 'diff';
import { boundedRenderer } from '../engine/bounded-renderer.ts';
import type { CommandContext } from './command-context.ts';
import { collect, withExamples } from './output.ts';
import {
  readPackageBytes,
  readPackageFiles,
  requirePackage,
  withDependencies,
} from './package-files.ts';
import { packageHostOption, type PackageHostOptions } from './load-packages.ts';
import { isPackageFile, readPinnedPackage } from './pinned-package.ts';
import { checkParameters, readParameters } from './package-parameters.ts';
import { planText } from './package-plan-text.ts';
import { stylesFor, type Styles } from './styles.ts';
import { printable } from './table.ts';

interface RenderOptions extends PackageHostOptions {
  readonly plan: string;
  readonly instance?: string;
  readonly namespace: string;
  readonly param?: readonly string[];
  readonly params?: readonly string[];
  readonly against?: string;
  readonly againstParam?: readonly string[];
  readonly againstParams?: readonly string[];
}

/** `kudo-gitops package render`: what a plan would apply, or how that differs from another version or other parameters. */
export function packageRenderCommand(context: CommandContext): Command {
  const command = new Command('render')
    .description(
      'print the objects of a plan in the order in which it applies them; with --against… how they differ from those',
    )
    .argument('<package>', 'folder, .tgz, or a YAML file with a Package')
    .addOption(packageHostOption())
    .option('--plan <name>', 'the plan', 'deploy')
    .option('--instance <name>', 'name of the Instance (default: that of the operator)')
    .option('-n, --namespace <name>', 'namespace of the Instance', 'default')
    .option('-p, --param <NAME=value>', 'a parameter of the Instance (repeatable)', collect)
    .option('-P, --params <file>', 'YAML file of parameters (repeatable)', collect)
    .option('--against <package>', 'print the difference from this other version')
    .option(
      '--against-param <NAME=value>',
      'print the difference from this other parameter (repeatable)',
      collect,
    )
    .option('--against-params <file>', 'the same for a file of parameters (repeatable)', collect)
    .action(async (path: string, options: RenderOptions) => {
      await render(path, options, context);
    });
  return withExamples(command, [
    ['What deploying it would apply', 'package render operators/queue -p BROKERS=5'],
    [
      'What a change of a parameter does to the objects',
      'package render operators/queue --plan update --against-param BROKERS=3 -p BROKERS=5',
    ],
    [
      'What a new version changes',
      'package render operators/queue -P prod.yaml --against queue-3.9.0_1.0.0.tgz',
    ],
  ]);
}

async function render(
  path: string,
  options: RenderOptions,
  context: CommandContext,
): Promise<void> {
  const { against, param = [], params = [], againstParam = [], againstParams = [] } = options;
  const own = { pairs: param, files: params };
  const hasOthers = againstParam.length + againstParams.length > 0;
  const text = await side(path, own, options, context);
  if (against === undefined && !hasOthers) {
    context.out(text);
    return;
  }
  const others = hasOthers ? { pairs: againstParam, files: againstParams } : own;
  const before = await side(against ?? path, others, options, context);
  context.out(difference([before, text], [against ?? path, path], context));
}

async function side(
  path: string,
  given: { readonly pairs: readonly string[]; readonly files: readonly string[] },
  { plan, instance, namespace, ...hosts }: RenderOptions,
  context: CommandContext,
): Promise<string> {
  const files = isPackageFile(path)
    ? await readPinnedPackage(path, hosts, context)
    : await readPackageFiles(path);
  const reading = readPackageBytes(files);
  const { operator, operatorVersion } = requirePackage(path, reading);
  const version = await withDependencies(path, operatorVersion);
  const parameters = await readParameters(given);
  checkParameters(version, parameters);
  const workerFile = join(context.programFolder, 'render.worker.js');
  const renderer = boundedRenderer(workerFile, context.scope);
  try {
    const name = instance ?? operator.metadata.name;
    const question = { version, parameters, plan, instance: name, namespace };
    return await planText(question, renderer.render);
  } finally {
    await renderer.close();
  }
}

const DIFF_TIMEOUT_MS = 5_000;

function difference(
  [before, after]: readonly [string, string],
  [from, to]: readonly [string, string],
  context: CommandContext,
): string {
  if (before === after) return 'no difference\n';
  const options = { context: 4, timeout: DIFF_TIMEOUT_MS };
  const patch = createTwoFilesPatch(`a/${from}`, `b/${to}`, before, after, '', '', options);
  if (patch === undefined) return 'too much differs to be shown\n';
  const styles = stylesFor(context);
  const lines = patch.split('\n').slice(1);
  return lines.map((line) => paint(printable(line), styles)).join('\n');
}

function paint(line: string, styles: Styles): string {
  if (line.startsWith('@@')) return styles.cyan(line);
  if (line.startsWith('+')) return styles.green(line);
  return line.startsWith('-') ? styles.red(line) : line;
}
