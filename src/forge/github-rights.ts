import * as z from 'zod';
import type { Scope } from '../lib/scope.ts';
import type { JsonApi } from './json-api.ts';
import type { StatusRight } from './status-right.ts';

const Repository = z.object({
  private: z.boolean(),
  permissions: z.object({ push: z.boolean() }).optional(),
});

/**
 * Who may push may write statuses, with a token whose scopes hold them (docs: "Create a commit status",
 * "Scopes for OAuth apps"). A fine-grained token has no scopes, and nothing tells its permissions.
 *
 * @param repository the API below the repository
 */
export async function tokenStatusRight(repository: JsonApi, scope: Scope): Promise<StatusRight> {
  const { value, headers } = await repository.getWithHeaders('', Repository, scope);
  const listed = headers['x-oauth-scopes'];
  if (listed === undefined) {
    return { may: undefined, because: 'GitHub tells nothing of what a fine-grained token may do' };
  }
  const scopes = listed.split(',').map((one) => one.trim());
  const enough = ['repo', 'repo:status', ...(value.private ? [] : ['public_repo'])];
  const has = scopes.find((one) => enough.includes(one));
  if (has === undefined) {
    return { may: false, because: `it has none of the scopes ${enough.join(', ')}` };
  }
  if (!value.permissions) return { may: undefined, because: 'GitHub tells no permissions' };
  return value.permissions.push
    ? { may: true, because: `its owner may push, and it has the scope ${has}` }
    : { may: false, because: 'its owner may not push to the repository' };
}

const Installation = z.object({
  permissions: z.object({ statuses: z.string().optional() }),
  suspended_at: z.string().nullable(),
});

/** What an installation of a GitHub App was granted (docs: "Get an installation for the authenticated app"). */
export async function appStatusRight(
  installationId: string,
  app: JsonApi,
  scope: Scope,
): Promise<StatusRight> {
  const path = `/app/installations/${encodeURIComponent(installationId)}`;
  const { permissions, suspended_at: suspendedAt } = await app.get(path, Installation, scope);
  if (suspendedAt !== null) return { may: false, because: 'the installation is suspended' };
  const may = permissions.statuses === 'write';
  const granted = permissions.statuses ?? 'none';
  return { may, because: `the installation's permission for commit statuses is ${granted}` };
}
