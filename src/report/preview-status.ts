import type { CommitStatus } from '../model/commit-status.ts';
import { countsText, hasErrors, type Preview } from './preview-comment.ts';

/** Context of the status under the head of a pull request. */
export const PREVIEW_CONTEXT = 'kudo-gitops/preview';

/** The preview in one line: a failure when something must be repaired before the merge. */
export function previewStatus(preview: Preview): CommitStatus {
  const state = hasErrors(preview) ? 'failure' : 'success';
  const [first] = [...preview.problems, ...preview.plans.flatMap((plan) => plan.problems)].filter(
    ({ severity }) => severity === 'error',
  );
  const cause = first ? `: ${first.file}:${first.line}: ${first.message}` : '';
  return { context: PREVIEW_CONTEXT, state, description: `${countsText(preview)}${cause}` };
}
