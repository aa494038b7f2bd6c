import { findPackagePins } from '../desired/find-package-pins.ts';
import { readDesired } from '../desired/read-desired.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import type { Scope } from '../lib/scope.ts';
import { sha256 } from '../lib/sha256.ts';
import type { DesiredState } from '../model/desired.ts';
import type { LoadPackages } from '../reconcile/revision-reader.ts';
import { readWorkingCopy } from './working-copy.ts';

/** What the files of a folder say. */
export interface WorkingCopyState {
  readonly desired: DesiredState<Operator, OperatorVersion>;
  readonly fileCount: number;
}

/** How a folder is to be read. */
export interface WorkingCopyReading {
  readonly paths: readonly string[];
  readonly namespace: string;
  /** Loads packages that live elsewhere; nothing is fetched when absent. */
  readonly packages?: LoadPackages | undefined;
}

/** Reads a folder as a Sync with these paths would read its commit. */
export async function readWorkingCopyState(
  folder: string,
  { paths, namespace, packages }: WorkingCopyReading,
  scope: Scope,
): Promise<WorkingCopyState> {
  const { files, skipped, missingPaths } = await readWorkingCopy(folder, paths);
  const options = {
    paths,
    targetNamespace: namespace,
    hash: sha256,
    skipped,
    missingPaths,
  };
  const loads = await packages?.(findPackagePins(files, options), scope);
  const desired = readDesired(files, { ...options, loads });
  const problems = desired.problems.map((problem) => ({ ...problem, ...HINTS[problem.id] }));
  return { desired: { ...desired, problems }, fileCount: files.length };
}

/** What to do about it on the command line. */
const HINTS: Readonly<Record<string, { readonly hint: string }>> = {
  'missing-path': { hint: 'see --path' },
  'package-not-checked': { hint: '--online fetches it' },
};
