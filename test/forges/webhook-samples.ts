import { createHmac } from 'node:crypto';
import type { WebhookEvent } from '../../src/forge/webhook-event.ts';

/** One delivery of a forge and what it means. */
export interface WebhookSample {
  readonly why: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: object;
  readonly event: WebhookEvent;
}

/** What a forge delivers and how it proves where it comes from. */
export interface WebhookSamples {
  /** Headers by which a body is proven. */
  readonly prove: (body: Uint8Array, secret: string) => Readonly<Record<string, string>>;
  readonly samples: readonly WebhookSample[];
  /** Payloads that are to be refused, under the headers of the first sample. */
  readonly malformed: readonly (readonly [why: string, payload: unknown])[];
}

const SHA = 'c'.repeat(40);
const hmac = (body: Uint8Array, secret: string): string =>
  createHmac('sha256', secret).update(body).digest('hex');

const hubRepository = { id: 1, full_name: 'Acme/Fleet', clone_url: 'http://x/Acme/Fleet.git' };
const hubPush = {
  ref: 'refs/heads/main',
  before: '0'.repeat(40),
  after: SHA,
  forced: false,
  repository: hubRepository,
  commits: [],
};
const hubPull = {
  action: 'synchronize',
  number: 4,
  pull_request: { id: 9, head: { sha: SHA, ref: 'topic' } },
  repository: hubRepository,
};

const HUB_PUSHES: readonly (readonly [why: string, Partial<typeof hubPush>])[] = [
  ['a push', {}],
  ['a branch that is gone', { before: SHA, after: '0'.repeat(40) }],
  ['a push that is no descendant of the one before', { before: 'd'.repeat(40), forced: true }],
  ['a tag', { ref: 'refs/tags/v1.2.0' }],
];

/** GitHub's payloads, which Gitea sends under its own headers. */
function hubSamples(header: string): Pick<WebhookSamples, 'samples' | 'malformed'> {
  const repository = 'acme/fleet';
  const pull = { kind: 'pull-request', repository, number: 4, headSha: SHA } as const;
  return {
    samples: [
      ...HUB_PUSHES.map(([why, payload]) => {
        const { ref, after } = { ...hubPush, ...payload };
        const event = { kind: 'push', repository, ref, after } as const;
        return { why, headers: { [header]: 'push' }, payload: { ...hubPush, ...payload }, event };
      }),
      ...['opened', 'synchronize', 'reopened', 'closed'].map((action) => ({
        why: `a pull request that was ${action}`,
        headers: { [header]: 'pull_request' },
        payload: { ...hubPull, action },
        event: pull,
      })),
      {
        why: 'an event nobody asked for',
        headers: { [header]: 'issues' },
        payload: { action: 'opened', repository: hubRepository },
        event: { kind: 'other', event: 'issues', repository },
      },
      {
        why: 'an event of a whole organisation',
        headers: { [header]: 'ping' },
        payload: { zen: 'Keep it simple.' },
        event: { kind: 'other', event: 'ping', repository: undefined },
      },
    ],
    malformed: [
      ['a form instead of JSON', 'payload=%7B%7D'],
      ['a commit that is a path', { ...hubPush, after: '../../x' }],
      ['a push without a repository', { ...hubPush, repository: null }],
      ['a ref without end', { ...hubPush, ref: 'x'.repeat(2_000) }],
    ],
  };
}

const project = { id: 1, path_with_namespace: 'Acme/teams/Fleet', git_http_url: 'http://x' };
const gitlabPush = { object_kind: 'push', ref: 'refs/heads/main', after: SHA, project };

export const githubWebhooks: WebhookSamples = {
  prove: (body, secret) => ({ 'x-hub-signature-256': `sha256=${hmac(body, secret)}` }),
  ...hubSamples('x-github-event'),
};

export const giteaWebhooks: WebhookSamples = {
  prove: (body, secret) => ({ 'x-gitea-signature': hmac(body, secret) }),
  ...hubSamples('x-gitea-event'),
};

export const gitlabWebhooks: WebhookSamples = {
  prove: (_body, secret) => ({ 'x-gitlab-token': secret }),
  samples: [
    {
      why: 'a push',
      headers: { 'x-gitlab-event': 'Push Hook' },
      payload: gitlabPush,
      event: {
        kind: 'push',
        repository: 'acme/teams/fleet',
        ref: 'refs/heads/main',
        after: SHA,
      },
    },
    {
      why: 'a branch that is gone',
      headers: { 'x-gitlab-event': 'Push Hook' },
      payload: { ...gitlabPush, after: '0'.repeat(40), checkout_sha: null },
      event: {
        kind: 'push',
        repository: 'acme/teams/fleet',
        ref: 'refs/heads/main',
        after: '0'.repeat(40),
      },
    },
    {
      why: 'a tag',
      headers: { 'x-gitlab-event': 'Tag Push Hook' },
      payload: { ...gitlabPush, object_kind: 'tag_push', ref: 'refs/tags/v1.2.0' },
      event: {
        kind: 'push',
        repository: 'acme/teams/fleet',
        ref: 'refs/tags/v1.2.0',
        after: SHA,
      },
    },
    {
      why: 'a merge request whose branch is gone',
      headers: { 'x-gitlab-event': 'Merge Request Hook' },
      payload: {
        object_kind: 'merge_request',
        project,
        object_attributes: { iid: 4, action: 'close', last_commit: null },
      },
      event: {
        kind: 'pull-request',
        repository: 'acme/teams/fleet',
        number: 4,
        headSha: '0'.repeat(40),
      },
    },
    ...['open', 'update', 'close', 'merge'].map((action) => ({
      why: `a merge request: ${action}`,
      headers: { 'x-gitlab-event': 'Merge Request Hook' },
      payload: {
        object_kind: 'merge_request',
        project,
        object_attributes: { iid: 4, action, last_commit: { id: SHA } },
      },
      event: {
        kind: 'pull-request' as const,
        repository: 'acme/teams/fleet',
        number: 4,
        headSha: SHA,
      },
    })),
    {
      why: 'an event nobody asked for',
      headers: { 'x-gitlab-event': 'Note Hook' },
      payload: { object_kind: 'note', project },
      event: { kind: 'other', event: 'Note Hook', repository: 'acme/teams/fleet' },
    },
    {
      why: 'an event of a whole group',
      headers: { 'x-gitlab-event': 'Subgroup Hook' },
      payload: { event_name: 'subgroup_create' },
      event: { kind: 'other', event: 'Subgroup Hook', repository: undefined },
    },
  ],
  malformed: [
    ['a form instead of JSON', 'payload=%7B%7D'],
    ['a commit that is a path', { ...gitlabPush, after: '../../x' }],
    ['a push without a project', { ...gitlabPush, project: null }],
    ['a ref without end', { ...gitlabPush, ref: 'x'.repeat(2_000) }],
  ],
};
