import { HubOther, HubPullRequest, HubPush } from './hub-payloads.ts';
import type { WebhookKind } from './webhook-event.ts';
import { parsePayload } from './webhook-payload.ts';
import { isSignature, isSignedBy } from './webhook-signature.ts';

const HINT = 'The webhook needs content type application/json.';

/** What GitHub delivers. The older signature with SHA-1 does not count. */
export const githubWebhook: WebhookKind = {
  carriesProof: (header) => isSignature(header('x-hub-signature-256') ?? ''),
  isProven: ({ header, body }, secret) =>
    isSignedBy(secret, body, header('x-hub-signature-256') ?? ''),
  read: ({ header, body }) => {
    const event = header('x-github-event') ?? '';
    if (event === 'push') return parsePayload(HubPush, { event, body }, HINT);
    if (event === 'pull_request') return parsePayload(HubPullRequest, { event, body }, HINT);
    const { repository } = parsePayload(HubOther, { event, body }, HINT);
    return { kind: 'other', event: event.slice(0, 64), repository };
  },
};
