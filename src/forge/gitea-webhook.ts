import { z } from 'zod';
import { Failure } from '../lib/failure.ts';
import { isSignedBy } from './webhook-signature.ts';
import type { WebhookDelivery, WebhookEvent } from './webhook-event.ts';

const Sha = z.string().regex(/^[0-9a-f]{40}$/);

const Repository = z
  .object({ full_name: z.string().max(255) })
  .transform((repository) => repository.full_name.toLowerCase());

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

/** Reads what Gitea and Forgejo deliver (services/webhook/deliver.go). The signature is checked before anything is parsed. */
export function readGiteaWebhook(delivery: WebhookDelivery, secret: string): WebhookEvent {
  if (!isSignedBy(secret, delivery.body, delivery.header('x-gitea-signature') ?? '')) {
    throw new Failure('denied', 'the webhook is not signed with the secret of this Sync', {
      hint: 'Give the webhook in Gitea the same secret as key `token` of the webhook Secret.',
    });
  }
  const event = delivery.header('x-gitea-event') ?? '';
  if (event === 'push') return parse(Push, delivery.body, event);
  if (event === 'pull_request') return parse(PullRequest, delivery.body, event);
  return { kind: 'other', event: event.slice(0, 64) };
}

function parse(schema: z.ZodType<WebhookEvent>, body: Uint8Array, event: string): WebhookEvent {
  const read = schema.safeParse(parseJson(body));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Failure(
    'invalid',
    `the ${event} webhook cannot be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    { hint: 'The webhook needs type Gitea and content type application/json.' },
  );
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
