import { boundedProblem, type Problem } from '../model/problem.ts';
import { lintApiVersions } from './lint-api-versions.ts';
import { findingRule } from './lint-findings.ts';
import { lintOperator } from './lint-operator.ts';
import { viewPackage } from './lint-package-view.ts';
import { lintParameters } from './lint-parameters.ts';
import { lintPlans } from './lint-plans.ts';
import { lintRendered } from './lint-rendered.ts';
import { lintTasks } from './lint-tasks.ts';
import { lintTemplates } from './lint-templates.ts';
import type { PackageReading } from './package-reader.ts';
import type { Rendering } from './render-template.ts';

export interface LintOptions {
  /** Minor version of the Kubernetes 1.x that the package is to run on. */
  readonly targetMinor?: number | undefined;
  /** Answers to `defaultQuestions` by the templates' names; without them nothing is said about rendering. */
  readonly renderings?: ReadonlyMap<string, Rendering> | undefined;
}

/**
 * Everything that is wrong with a package, what its reader found included: KUDO's own `package verify`
 * and more. In the order of files and lines; files are named relative to the package.
 */
export function lintPackage(
  { source, problems }: Pick<PackageReading, 'source' | 'problems'>,
  { targetMinor, renderings }: LintOptions = {},
): readonly Problem[] {
  const advised = problems.map((problem) => ({
    ...problem,
    hint: problem.hint ?? findingRule(problem.id)?.cure,
  }));
  if (source === undefined) return advised.map(boundedProblem);
  const view = viewPackage(source);
  const found = [
    ...advised,
    ...lintOperator(view),
    ...lintParameters(view),
    ...lintTasks(view),
    ...lintPlans(view),
    ...lintTemplates(view),
    ...(targetMinor === undefined ? [] : lintApiVersions(view, targetMinor)),
  ];
  const rendered = renderings ? lintRendered(view, renderings) : [];
  return [...found, ...rendered.filter((problem) => !isExplained(problem, found))]
    .map(boundedProblem)
    .toSorted((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column);
}

/**
 * The package as a Sync sees it: to what its reader found comes what breaks or hangs its plans. How a
 * package is written beyond that is for `package lint` to say.
 */
export function withRuntimeFindings(reading: PackageReading): PackageReading {
  const problems = lintPackage(reading).filter(({ id }) => findingRule(id)?.runs !== false);
  return { ...reading, problems };
}

/** A template that does not render for a reason that its text alone tells. */
function isExplained({ file, line }: Problem, found: readonly Problem[]): boolean {
  return found.some(
    (other) => other.severity === 'error' && other.file === file && other.line === line,
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
