import * as z from 'zod';
import type { WebhookEvent, WebhookKind } from './webhook-event.ts';
import { parsePayload, RepositoryName, Sha } from './webhook-payload.ts';
import { isSecret } from './webhook-signature.ts';

const Project = z
  .object({ path_with_namespace: RepositoryName })
  .transform((project) => project.path_with_namespace);

const Push = z
  .object({ ref: z.string().max(1_024), after: Sha, project: Project })
  .transform(({ ref, after, project }): WebhookEvent => ({
    kind: 'push',
    repository: project,
    ref,
    after,
  }));

const NO_COMMIT = '0'.repeat(40);

/** `project` is the one that the merge request leads to; no commit is named when its branch is gone. */
const MergeRequest = z
  .object({
    project: Project,
    object_attributes: z.object({
      iid: z.number().int().positive(),
      last_commit: z.object({ id: Sha }).nullish(),
    }),
  })
  .transform(({ project, object_attributes: { iid, last_commit: last } }): WebhookEvent => ({
    kind: 'pull-request',
    repository: project,
    number: iid,
    headSha: last?.id ?? NO_COMMIT,
  }));

const Other = z.object({ project: Project.optional() });

const HINT =
  'The webhook needs to be one of a project, with push, tag push and merge request events.';

const PUSHES = ['Push Hook', 'Tag Push Hook'];

/** What GitLab delivers. It sends the secret itself, so the endpoint should be reached over https. */
export const gitlabWebhook: WebhookKind = {
  carriesProof: (header) => (header('x-gitlab-token') ?? '') !== '',
  isProven: ({ header }, secret) => isSecret(secret, header('x-gitlab-token') ?? ''),
  read: ({ header, body }) => {
    const event = header('x-gitlab-event') ?? '';
    if (PUSHES.includes(event)) return parsePayload(Push, { event, body }, HINT);
    if (event === 'Merge Request Hook') return parsePayload(MergeRequest, { event, body }, HINT);
    const { project } = parsePayload(Other, { event, body }, HINT);
    return { kind: 'other', event: event.slice(0, 64), repository: project };
  },
};
