import { HubOther, HubPullRequest, HubPush } from './hub-payloads.ts';
import type { WebhookKind } from './webhook-event.ts';
import { parsePayload } from './webhook-payload.ts';
import { isSignature, isSignedBy } from './webhook-signature.ts';

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
    if (event === 'push') return parsePayload(HubPush, { event, body }, HINT);
    if (event === 'pull_request' || event === 'pull_request_sync') {
      return parsePayload(HubPullRequest, { event, body }, HINT);
    }
    const { repository } = parsePayload(HubOther, { event, body }, HINT);
    return { kind: 'other', event: event.slice(0, 64), repository };
  },
};
