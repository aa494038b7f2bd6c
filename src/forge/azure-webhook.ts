import * as z from 'zod';
import type { HeaderOf, WebhookEvent, WebhookKind } from './webhook-event.ts';
import { parsePayload, RepositoryName, Sha } from './webhook-payload.ts';
import { isSecret } from './webhook-signature.ts';

const HINT =
  'The service hook needs resource details “All” and events of pushes and pull requests.';

const Repository = z
  .object({ name: RepositoryName, project: z.object({ name: RepositoryName }) })
  .transform(({ name, project }) => `${project.name}/${name}`);

/** One delivery tells of every ref that was pushed at once; one of them is reason enough to look. */
const Push = z
  .object({
    resource: z.object({
      repository: Repository,
      refUpdates: z.array(z.object({ name: z.string().max(1_024), newObjectId: Sha })).min(1),
    }),
  })
  .transform(({ resource: { repository, refUpdates } }): WebhookEvent => {
    const [first] = refUpdates;
    return {
      kind: 'push',
      repository,
      ref: first?.name ?? '',
      after: first?.newObjectId ?? '0'.repeat(40),
    };
  });

const Pull = z
  .object({
    resource: z.object({
      repository: Repository,
      pullRequestId: z.number().int().positive(),
      lastMergeSourceCommit: z.object({ commitId: Sha }).nullish(),
    }),
  })
  .transform(({ resource }): WebhookEvent => ({
    kind: 'pull-request',
    repository: resource.repository,
    number: resource.pullRequestId,
    headSha: resource.lastMergeSourceCommit?.commitId ?? '0'.repeat(40),
  }));

const Any = z.object({
  eventType: z.string(),
  resource: z.object({ repository: Repository.optional() }).optional(),
});

/** What Azure DevOps delivers. It signs nothing: the secret is the password of basic authentication. */
export const azureWebhook: WebhookKind = {
  carriesProof: (header) => passwordIn(header) !== undefined,
  isProven: ({ header }, secret) => isSecret(secret, passwordIn(header) ?? ''),
  read: ({ body }) => {
    const { eventType: event, resource } = parsePayload(Any, { event: 'service hook', body }, HINT);
    if (event === 'git.push') return parsePayload(Push, { event, body }, HINT);
    if (/^git\.pullrequest\.(?:created|updated|merged)$/.test(event)) {
      return parsePayload(Pull, { event, body }, HINT);
    }
    return { kind: 'other', event: event.slice(0, 64), repository: resource?.repository };
  },
};

function passwordIn(header: HeaderOf): string | undefined {
  const sent = /^Basic ([A-Za-z0-9+/=]{1,4096})$/i.exec(header('authorization') ?? '')?.[1];
  if (sent === undefined) return undefined;
  const text = Buffer.from(sent, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : text.slice(colon + 1);
}
