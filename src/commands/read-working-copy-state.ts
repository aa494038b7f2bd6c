import { readDesired } from '../desired/read-desired.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import { sha256 } from '../lib/sha256.ts';
import type { DesiredState } from '../model/desired.ts';
import { readWorkingCopy } from './working-copy.ts';

/** What the files of a folder say. */
export interface WorkingCopyState {
  readonly desired: DesiredState<Operator, OperatorVersion>;
  readonly fileCount: number;
}

/** Reads a folder as a Sync with these paths would read its commit. */
export async function readWorkingCopyState(
  folder: string,
  { paths, namespace }: { readonly paths: readonly string[]; readonly namespace: string },
): Promise<WorkingCopyState> {
  const { files, skipped, missingPaths } = await readWorkingCopy(folder, paths);
  const desired = readDesired(files, {
    paths,
    targetNamespace: namespace,
    hash: sha256,
    skipped,
    missingPaths,
  });
  const problems = desired.problems.map((problem) =>
    problem.id === 'missing-path' ? { ...problem, hint: 'see --path' } : problem,
  );
  return { desired: { ...desired, problems }, fileCount: files.length };
}
