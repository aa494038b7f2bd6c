import { isBelow, normalizePath } from '../desired/select-files.ts';
import type { Forge, PullRequest } from '../forge/forge.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { Preview } from '../report/preview-comment.ts';

/**
 * Whether a pull request changes no file below a Sync's paths, by what its forge says. False when that
 * cannot be told: then its head is read.
 */
export async function isUntouched(
  pull: PullRequest,
  { paths, forge }: { readonly paths: readonly string[]; readonly forge: Pick<Forge, 'changesOf'> },
  scope: Scope,
): Promise<boolean> {
  const roots = paths.map(normalizePath);
  if (roots.includes('')) return false;
  try {
    const { files, isComplete } = await forge.changesOf(pull, scope);
    // A forge may need a while until it knows them.
    if (!isComplete || files.length === 0) return false;
    return !files.some((file) => roots.some((root) => isBelow(file, root)));
  } catch (thrown) {
    scope.signal.throwIfAborted();
    if (!(thrown instanceof Failure)) throw thrown;
    scope.log.debug('changed files not known', { pullRequest: pull.number, error: thrown });
    return false;
  }
}

/** What is said of such a pull request. */
export function untouchedPreview(
  target: string,
  { headSha, fromFork }: Pick<PullRequest, 'headSha' | 'fromFork'>,
  paths: readonly string[],
): Preview {
  return {
    target,
    headSha,
    plans: [],
    phases: new Map(),
    problems: [],
    notes: [`no file below ${paths.join(', ')} is changed`],
    hidesLiveValues: fromFork,
    secretsOf: () => new Set(),
  };
}
