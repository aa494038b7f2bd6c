import type { Forge } from '../forge/forge.ts';
import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import { shorten } from './shorten.ts';

/**
 * Sets a commit status that no outbox remembers, unless the newest of its context says the same already:
 * whoever was killed before they could note it down says it only once (invariant 10 of the design).
 */
export async function setStatusOnce(
  forge: Pick<Forge, 'maxDescription' | 'newestStatus' | 'setStatus'>,
  commit: string,
  wanted: CommitStatus,
  scope: Scope,
): Promise<void> {
  const description = shorten(wanted.description, forge.maxDescription);
  const newest = await forge.newestStatus(commit, wanted.context, scope);
  if (newest?.state === wanted.state && newest.description === description) return;
  await forge.setStatus(commit, { ...wanted, description }, scope);
}
