import * as z from 'zod';
import type { HeaderOf, WebhookDelivery, WebhookEvent, WebhookKind } from './webhook-event.ts';
import { parsePayload, RepositoryName, Sha } from './webhook-payload.ts';
import { isSignature, isSignedBy } from './webhook-signature.ts';

const HINT = 'The webhook needs a secret, and events of pushes and pull requests.';

const NO_COMMIT = '0'.repeat(40);

const CloudRepository = z
  .object({ full_name: RepositoryName })
  .transform((given) => given.full_name);

/** Tags beside branches (Mercurial's bookmarks are gone). */
const CloudRef = z.object({ type: z.string().optional(), name: z.string().max(1_024) });

const CloudTarget = CloudRef.extend({ target: z.object({ hash: Sha }) });

/** One delivery tells of every ref that was pushed at once; one of them is reason enough to look. */
const CloudPush = z
  .object({
    repository: CloudRepository,
    push: z.object({
      changes: z
        .array(
          z.object({
            new: CloudTarget.nullish(),
            old: CloudRef.nullish(),
          }),
        )
        .min(1),
    }),
  })
  .transform(({ repository, push: { changes } }): WebhookEvent => {
    const [first] = changes;
    const { type, name = '' }: Partial<z.infer<typeof CloudRef>> = first?.new ?? first?.old ?? {};
    const after = first?.new?.target.hash ?? NO_COMMIT;
    const folder = type === 'tag' ? 'refs/tags' : 'refs/heads';
    return { kind: 'push', repository, ref: `${folder}/${name}`, after };
  });

/** The head is named by its first digits only; it is read from the API anyway. */
const CloudPull = z
  .object({
    repository: CloudRepository,
    pullrequest: z.object({
      id: z.number().int().positive(),
      source: z.object({
        commit: z.object({ hash: z.string().regex(/^[0-9a-f]{7,40}$/) }).nullish(),
      }),
    }),
  })
  .transform(({ repository, pullrequest: { id, source } }): WebhookEvent => ({
    kind: 'pull-request',
    repository,
    number: id,
    headSha: source.commit?.hash ?? NO_COMMIT,
  }));

const CloudOther = z.object({ repository: CloudRepository.optional() });

/** What Bitbucket Cloud delivers; signed with `X-Hub-Signature`, which other forges use otherwise. */
export const bitbucketCloudWebhook: WebhookKind = {
  carriesProof: (header) => isSignedBitbucket(header) && header('x-hook-uuid') !== undefined,
  isProven,
  read: (delivery) => {
    const event = delivery.header('x-event-key') ?? '';
    const { body } = delivery;
    if (event === 'repo:push') return parsePayload(CloudPush, { event, body }, HINT);
    if (event.startsWith('pullrequest:') && !event.includes('comment')) {
      return parsePayload(CloudPull, { event, body }, HINT);
    }
    const { repository } = parsePayload(CloudOther, { event, body }, HINT);
    return { kind: 'other', event: event.slice(0, 64), repository };
  },
};

const ServerRepository = z
  .object({ slug: RepositoryName, project: z.object({ key: RepositoryName }) })
  .transform(({ slug, project }) => `${project.key}/${slug}`);

const ServerPush = z
  .object({
    repository: ServerRepository,
    changes: z.array(z.object({ refId: z.string().max(1_024), toHash: Sha })).min(1),
  })
  .transform(({ repository, changes }): WebhookEvent => {
    const [first] = changes;
    const { refId: ref = '', toHash: after = NO_COMMIT } = first ?? {};
    return { kind: 'push', repository, ref, after };
  });

const ServerPull = z
  .object({
    pullRequest: z.object({
      id: z.number().int().positive(),
      fromRef: z.object({ latestCommit: Sha }),
      toRef: z.object({ repository: ServerRepository }),
    }),
  })
  .transform(({ pullRequest: { id, fromRef, toRef } }): WebhookEvent => ({
    kind: 'pull-request',
    repository: toRef.repository,
    number: id,
    headSha: fromRef.latestCommit,
  }));

const ServerOther = z.object({ repository: ServerRepository.optional() });

/** What Bitbucket Data Center delivers; without the `X-Hook-UUID` of Bitbucket Cloud. */
export const bitbucketDataCenterWebhook: WebhookKind = {
  carriesProof: (header) => isSignedBitbucket(header) && header('x-hook-uuid') === undefined,
  isProven,
  read: (delivery) => {
    const event = delivery.header('x-event-key') ?? '';
    const { body } = delivery;
    if (event === 'repo:refs_changed') return parsePayload(ServerPush, { event, body }, HINT);
    if (event.startsWith('pr:') && !event.startsWith('pr:comment')) {
      return parsePayload(ServerPull, { event, body }, HINT);
    }
    const { repository } = parsePayload(ServerOther, { event, body }, HINT);
    return { kind: 'other', event: event.slice(0, 64), repository };
  },
};

function isSignedBitbucket(header: HeaderOf): boolean {
  return header('x-event-key') !== undefined && isSignature(header('x-hub-signature') ?? '');
}

function isProven({ header, body }: WebhookDelivery, secret: string): boolean {
  return isSignedBy(secret, body, header('x-hub-signature') ?? '');
}
