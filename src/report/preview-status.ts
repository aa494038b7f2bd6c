import type { CommitStatus } from '../model/commit-status.ts';
import { countsText, hasErrors, type Preview } from './preview-comment.ts';

/**
 * Context of the status under the head of a pull request. It names the Sync, because several Syncs and
 * clusters may preview one repository (decision 12).
 *
 * @param target `<cluster>/<namespace>/<sync>`
 */
export function previewContext(target: string): string {
  return `kudo-gitops/preview/${target}`;
}

/** The preview in one line: a failure when something must be repaired before the merge. */
export function previewStatus(preview: Preview, targetUrl: string | undefined): CommitStatus {
  const state = hasErrors(preview) ? 'failure' : 'success';
  const [first] = [...preview.problems, ...preview.plans.flatMap((plan) => plan.problems)].filter(
    ({ severity }) => severity === 'error',
  );
  const cause = first ? `: ${first.file}:${first.line}: ${first.message}` : '';
  const description = `${countsText(preview)}${cause}`;
  return { context: previewContext(preview.target), state, description, targetUrl };
}

/** What stands under a head of which there is no preview, and why. */
export function noPreviewStatus(
  target: string,
  reason: string,
  targetUrl: string | undefined,
): CommitStatus {
  const description = `no preview: ${reason}`;
  return { context: previewContext(target), state: 'error', description, targetUrl };
}
