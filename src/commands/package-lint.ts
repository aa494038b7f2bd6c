import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { boundedRenderer } from '../engine/bounded-renderer.ts';
import { defaultQuestions } from '../kudo/lint-rendered.ts';
import { lintPackage } from '../kudo/package-lint.ts';
import type { PackageSource } from '../kudo/package-file.ts';
import { NEWEST_KNOWN_MINOR } from '../kudo/removed-api-versions.ts';
import type { Rendering } from '../kudo/render-template.ts';
import { Failure } from '../lib/failure.ts';
import type { Problem } from '../model/problem.ts';
import type { CommandContext } from './command-context.ts';
import { counted, isStructured, outputOption, structured, withExamples } from './output.ts';
import { readPackageBytes, readPackageFiles } from './package-files.ts';
import { countProblems, problemLines } from './problem-lines.ts';
import { stylesFor, type Styles } from './styles.ts';

interface LintOptions {
  readonly target?: number;
  readonly output: 'text' | 'json' | 'yaml';
}

/** `kudo-gitops package lint`: everything that is wrong with packages, each with its place and cure. */
export function packageLintCommand(context: CommandContext): Command {
  const command = new Command('lint')
    .description(
      'check operator packages, folders or tarballs; exits with 1 when there is an error',
    )
    .argument('<package...>', 'folder or .tgz')
    .option(
      '--target <version>',
      'also name API versions that this Kubernetes does not serve, such as 1.36',
      parseTarget,
    )
    .addOption(outputOption(['text', 'json', 'yaml']))
    .action(async (paths: readonly string[], options: LintOptions) => {
      await lint(paths, options, context);
    });
  return withExamples(command, [
    ['Before a commit', 'package lint operators/queue'],
    ['Will these run on Kubernetes 1.36?', 'package lint --target 1.36 operators/*'],
    ['For a program', 'package lint queue-3.9.0_1.0.0.tgz -o json'],
  ]);
}

function parseTarget(text: string): number {
  const minor = Number(/^v?1\.(\d{1,3})(\.\d+)?$/.exec(text)?.[1] ?? Number.NaN);
  if (!Number.isNaN(minor)) return minor;
  throw new InvalidArgumentError('A Kubernetes version such as 1.36 is wanted.');
}

async function lint(
  paths: readonly string[],
  { target, output }: LintOptions,
  context: CommandContext,
): Promise<void> {
  const reports: PackageReport[] = [];
  const unread: Failure[] = [];
  for (const path of paths) {
    const findings = await lintOne(path, target, context);
    if (findings instanceof Failure) unread.push(findings);
    else reports.push({ package: path, findings });
  }
  const { errors, warnings } = countProblems(reports.flatMap(({ findings }) => findings));
  const text = isStructured(output)
    ? structured({ packages: reports, errors, warnings }, output)
    : reportText(reports, stylesFor(context));
  context.out(text);
  if (target !== undefined && target > NEWEST_KNOWN_MINOR)
    context.err(`kudo-gitops: removals after Kubernetes 1.${NEWEST_KNOWN_MINOR} are not known\n`);
  for (const { message, hint } of unread)
    context.err(`kudo-gitops: ${message}\n${hint === undefined ? '' : `  → ${hint}\n`}`);
  if (errors > 0 || unread.length > 0) context.exit(1);
}

interface PackageReport {
  readonly package: string;
  readonly findings: readonly Problem[];
}

function reportText(reports: readonly PackageReport[], styles: Styles): string {
  const lines = reports.flatMap(({ package: path, findings }) =>
    findings.map((found) => {
      const message = `${found.id}: ${found.message}`;
      return problemLines({ ...found, message }, path, styles);
    }),
  );
  const { errors, warnings } = countProblems(reports.flatMap(({ findings }) => findings));
  const found = [
    ...(errors > 0 ? [styles.red(counted(errors, 'error'))] : []),
    ...(warnings > 0 ? [styles.yellow(counted(warnings, 'warning'))] : []),
  ];
  const verdict = found.length > 0 ? found.join(', ') : styles.green('no findings');
  return `${lines.join('')}${counted(reports.length, 'package')}: ${verdict}\n`;
}

/** Why a package could not be read is returned: the others are to be checked all the same. */
async function lintOne(
  path: string,
  targetMinor: number | undefined,
  context: CommandContext,
): Promise<readonly Problem[] | Failure> {
  const files = await readPackageFiles(path).catch((thrown: unknown) => {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  });
  if (files instanceof Failure) return files;
  const reading = readPackageBytes(files);
  const renderings = reading.source && (await renderAll(reading.source, context));
  return lintPackage(reading, { targetMinor, renderings });
}

async function renderAll(
  source: PackageSource,
  context: CommandContext,
): Promise<ReadonlyMap<string, Rendering>> {
  const renderer = boundedRenderer(join(context.programFolder, 'render.worker.js'), context.scope);
  try {
    const renderings = new Map<string, Rendering>();
    for (const { name, text, variables } of defaultQuestions(source))
      renderings.set(name, await renderer.render(name, text, variables));
    return renderings;
  } finally {
    await renderer.close();
  }
}
