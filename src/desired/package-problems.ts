import { OPERATOR_FILE_NAME } from '../kudo/package-reader.ts';
import type { SourcePosition } from '../model/desired.ts';
import type { Problem } from '../model/problem.ts';
import type { PackageFolder } from './find-packages.ts';
import type { PackageGroup } from './package-group.ts';
import { sourceText } from './package-pin.ts';
import type { Reading } from './reading.ts';

/** Where something stands in `operator.yaml`; of a package that lives elsewhere, where Git names it. */
export function packagePlace(
  found: PackageFolder,
  path: readonly (string | number)[],
  { pinned }: PackageGroup,
): SourcePosition {
  if (pinned) return pinned.position;
  const { line, column } = found.operatorYaml?.positionOf(path) ?? { line: 1, column: 1 };
  return { file: inFolder(found, OPERATOR_FILE_NAME), line, column };
}

/** Passes on what is wrong with a package's own files. */
export function reportInPackage(
  problem: Problem,
  found: PackageFolder,
  {
    group: { pinned },
    reading: { problems },
  }: { readonly group: PackageGroup; readonly reading: Reading },
): void {
  const { severity, file, line, column, ...text } = problem;
  const there = `${inFolder(found, file)}:${line}:${column}`;
  const [position, said] = pinned
    ? [
        pinned.position,
        { ...text, message: `${sourceText(pinned.source)}: ${there}: ${text.message}` },
      ]
    : [{ file: inFolder(found, file), line, column }, text];
  if (severity === 'error') problems.error(position, said);
  else problems.warning(position, said);
}

function inFolder({ folder }: PackageFolder, file: string): string {
  return folder === '' ? file : `${folder}/${file}`;
}
