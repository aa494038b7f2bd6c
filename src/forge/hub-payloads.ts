import * as z from 'zod';
import type { WebhookEvent } from './webhook-event.ts';
import { RepositoryName, Sha } from './webhook-payload.ts';

const Repository = z
  .object({ full_name: RepositoryName })
  .transform((repository) => repository.full_name);

/** A push as GitHub tells it, and Gitea after it. */
export const HubPush = z
  .object({ ref: z.string().max(1_024), after: Sha, repository: Repository })
  .transform((push): WebhookEvent => ({ kind: 'push', ...push }));

/** Whatever happened to a pull request. */
export const HubPullRequest = z
  .object({
    number: z.number().int().positive(),
    pull_request: z.object({ head: z.object({ sha: Sha }) }),
    repository: Repository,
  })
  .transform(({ number, repository, pull_request: { head } }): WebhookEvent => ({
    kind: 'pull-request',
    repository,
    number,
    headSha: head.sha,
  }));

/** Any other event; one of a whole organisation names no repository. */
export const HubOther = z.object({ repository: Repository.optional() });
