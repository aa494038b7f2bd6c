import { createHash } from 'node:crypto';
import type { CommitState } from '../model/commit-status.ts';

/** Bitbucket Cloud refuses longer keys ("at most 40 characters"). */
const MAX_KEY = 40;

/** The key under which Bitbucket keeps the status of a context: itself, or a hash when it is too long. */
export function buildKey(context: string): string {
  if (context.length <= MAX_KEY && /^[\w.-]+$/.test(context)) return context;
  return createHash('sha256').update(context).digest('hex').slice(0, MAX_KEY);
}

/** @param error how this Bitbucket calls what was neither a success nor a failure of the commit */
export function toBuildState(state: CommitState, error: string): string {
  if (state === 'pending') return 'INPROGRESS';
  if (state === 'success') return 'SUCCESSFUL';
  return state === 'failure' ? 'FAILED' : error;
}

export function fromBuildState(state: string): CommitState {
  if (state === 'INPROGRESS') return 'pending';
  if (state === 'SUCCESSFUL') return 'success';
  return state === 'FAILED' ? 'failure' : 'error';
}
