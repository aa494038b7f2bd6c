import { z } from 'zod';
import type { WebhookEvent, WebhookKind } from './webhook-event.ts';
import { parsePayload, RepositoryName, Sha } from './webhook-payload.ts';
import { isSignature, isSignedBy } from './webhook-signature.ts';

const Repository = z
  .object({ full_name: RepositoryName })
  .transform((repository) => repository.full_name);

const Push = z
  .object({ ref: z.string().max(1_024), after: Sha, repository: Repository })
  .transform((push): WebhookEvent => ({ kind: 'push', ...push }));

const PullRequest = z
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

const Other = z.object({ repository: Repository.optional() });

const HINT = 'The webhook needs type Gitea or Forgejo and content type application/json.';

/**
 * What Gitea and Forgejo deliver (Gitea services/webhook/deliver.go). They send the headers of other
 * forges too, so only their own count.
 */
export const giteaWebhook: WebhookKind = {
  carriesProof: (header) => isSignature(header('x-gitea-signature') ?? ''),
  isProven: ({ header, body }, secret) =>
    isSignedBy(secret, body, header('x-gitea-signature') ?? ''),
  read: ({ header, body }) => {
    const event = header('x-gitea-event') ?? '';
    if (event === 'push') return parsePayload(Push, { event, body }, HINT);
    if (event === 'pull_request' || event === 'pull_request_sync') {
      return parsePayload(PullRequest, { event, body }, HINT);
    }
    const { repository } = parsePayload(Other, { event, body }, HINT);
    return { kind: 'other', event: event.slice(0, 64), repository };
  },
};
