import { posix } from 'node:path';
import type { Problem } from '../model/problem.ts';
import type { Styles } from './styles.ts';
import { printable } from './table.ts';

/**
 * A problem as compilers print theirs, `file:line:column: error: text`, so that editors and terminals
 * make a link of it; the hint stands below. `folder` is what the file's path is relative to.
 */
export function problemLines(
  { file, line, column, severity, message, hint }: Problem,
  folder: string,
  styles: Styles,
): string {
  const place = styles.bold(`${printable(posix.join(folder, file))}:${line}:${column}:`);
  const kind = severity === 'error' ? styles.red('error:') : styles.yellow('warning:');
  const advice = hint === undefined ? '' : `  → ${printable(hint)}\n`;
  return `${place} ${kind} ${printable(message)}\n${advice}`;
}

/** Problems that are printed; nobody reads more of them before the first ones are repaired. */
export const MAX_PRINTED_PROBLEMS = 50;

/** The lines of the first {@link MAX_PRINTED_PROBLEMS} problems, and how many more there are. */
export function problemList(problems: readonly Problem[], folder: string, styles: Styles): string {
  const shown = problems
    .slice(0, MAX_PRINTED_PROBLEMS)
    .map((problem) => problemLines(problem, folder, styles));
  const more = problems.length - shown.length;
  return [...shown, ...(more > 0 ? [styles.dim(`… and ${more} more\n`)] : [])].join('');
}

/** How many of each severity. */
export function countProblems(problems: readonly Problem[]): { errors: number; warnings: number } {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: problems.length - errors };
}

/**
 * A problem as a workflow command of GitHub Actions, which Gitea and Forgejo understand too: a note at
 * the line of the file (docs.github.com, "Workflow commands for GitHub Actions").
 */
export function githubNote(
  { file, line, column, severity, message, hint }: Problem,
  folder: string,
): string {
  const place = { file: posix.join(folder, file), line, col: column };
  const properties = Object.entries(place).map(([name, value]) => `${name}=${property(value)}`);
  const text = hint === undefined ? message : `${message}\n→ ${hint}`;
  return `::${severity} ${properties.join(',')}::${escaped(printable(text))}\n`;
}

const escaped = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (value: string | number): string =>
  escaped(printable(String(value)))
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');
