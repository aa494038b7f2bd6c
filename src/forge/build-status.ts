import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { CommitState, CommitStatus } from '../model/commit-status.ts';

/** Bitbucket Cloud refuses longer keys ("at most 40 characters"). */
const MAX_KEY = 40;

/** Both Bitbuckets cut longer ones. */
export const MAX_BUILD_DESCRIPTION = 255;

/** What both Bitbuckets say of a build. */
export const BuildStatus = z.object({
  state: z.string(),
  description: z.string().nullish(),
  url: z.string().nullish(),
});

/**
 * A status as both Bitbuckets take it: one object a key, which is overwritten. Without a link of ours it leads
 * to `link`, the page of the commit: Bitbucket wants one.
 *
 * @param error how this Bitbucket calls what was neither a success nor a failure of the commit
 */
export function toBuildStatus(
  { context, state, description, targetUrl }: CommitStatus,
  link: string,
  error: 'STOPPED' | 'UNKNOWN',
): object {
  const url = targetUrl ?? link;
  const key = buildKey(context);
  return { key, name: context, state: toBuildState(state, error), description, url };
}

/** The status of a context that was written by {@link toBuildStatus}; a `link` is none of ours. */
export function fromBuildStatus(
  context: string,
  { state, description, url }: z.infer<typeof BuildStatus>,
  link: string,
): CommitStatus {
  const isOurs = url && url !== link;
  return {
    context,
    state: fromBuildState(state),
    description: description ?? '',
    ...(isOurs ? { targetUrl: url } : {}),
  };
}

/** The key under which Bitbucket keeps the status of a context: itself, or a hash when it is too long. */
export function buildKey(context: string): string {
  if (context.length <= MAX_KEY && /^[\w.-]+$/.test(context)) return context;
  return createHash('sha256').update(context).digest('hex').slice(0, MAX_KEY);
}

function toBuildState(state: CommitState, error: string): string {
  if (state === 'pending') return 'INPROGRESS';
  if (state === 'success') return 'SUCCESSFUL';
  return state === 'failure' ? 'FAILED' : error;
}

function fromBuildState(state: string): CommitState {
  if (state === 'INPROGRESS') return 'pending';
  if (state === 'SUCCESSFUL') return 'success';
  return state === 'FAILED' ? 'failure' : 'error';
}
