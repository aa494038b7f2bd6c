import * as z from 'zod';
import type { Scope } from '../lib/scope.ts';
import type { JsonApi } from './json-api.ts';
import type { StatusRight } from './status-right.ts';
import { unlessMissing } from './unless-missing.ts';

/** A token of fine-grained permissions has `granular_scopes` in the place of scopes. */
const Token = z.object({
  user_id: z.number(),
  scopes: z.array(z.string()),
  granular_scopes: z.array(z.unknown()).nullish(),
});

const Member = z.object({ access_level: z.number() });

/** Roles of GitLab by number (docs: "Group and project members API"). */
const DEVELOPER = 30;

/**
 * Statuses need the scope `api` and the role Developer. Personal, project and group access tokens tell of
 * themselves (GitLab 15.5); inherited and invited members count.
 *
 * @param project the API below the project
 */
export async function gitlabStatusRight(
  api: JsonApi,
  project: JsonApi,
  scope: Scope,
): Promise<StatusRight> {
  const token = await unlessMissing(api.get('/personal_access_tokens/self', Token, scope));
  if (!token || token.granular_scopes) {
    return { may: undefined, because: 'GitLab does not tell what this kind of token may do' };
  }
  if (!token.scopes.includes('api')) return { may: false, because: 'it lacks the scope api' };
  const path = `/members/all/${String(token.user_id)}`;
  const member = await unlessMissing(project.get(path, Member, scope));
  if (!member) return { may: undefined, because: 'its owner is no member of the project' };
  return member.access_level >= DEVELOPER
    ? { may: true, because: 'its owner is Developer or more, and it has the scope api' }
    : { may: false, because: 'its owner is less than Developer in the project' };
}
