import { createHmac } from 'node:crypto';
import type { WebhookSamples } from './webhook-samples.ts';

const SHA = 'c'.repeat(40);
const NO_SHA = '0'.repeat(40);

const hmac = (body: Uint8Array, secret: string): string =>
  createHmac('sha256', secret).update(body).digest('hex');

const cloudRepository = { full_name: 'Acme/Fleet', name: 'Fleet', uuid: '{r}' };
const cloudPush = {
  repository: cloudRepository,
  actor: { nickname: 'ann' },
  push: {
    changes: [
      {
        new: { type: 'branch', name: 'main', target: { type: 'commit', hash: SHA } },
        old: { type: 'branch', name: 'main', target: { type: 'commit', hash: NO_SHA } },
        forced: false,
      },
    ],
  },
};
const cloudPull = {
  repository: cloudRepository,
  pullrequest: { id: 4, source: { branch: { name: 'topic' }, commit: { hash: SHA.slice(0, 12) } } },
};

export const bitbucketCloudWebhooks: WebhookSamples = {
  prove: (body, secret) => ({
    'x-event-key': 'repo:push',
    'x-hook-uuid': '{h}',
    'x-hub-signature': `sha256=${hmac(body, secret)}`,
  }),
  samples: [
    {
      why: 'a push',
      headers: { 'x-event-key': 'repo:push' },
      payload: cloudPush,
      event: { kind: 'push', repository: 'acme/fleet', ref: 'refs/heads/main', after: SHA },
    },
    {
      why: 'a branch that is gone',
      headers: { 'x-event-key': 'repo:push' },
      payload: {
        ...cloudPush,
        push: { changes: [{ new: null, old: { name: 'main', target: { hash: SHA } } }] },
      },
      event: { kind: 'push', repository: 'acme/fleet', ref: 'refs/heads/main', after: NO_SHA },
    },
    {
      why: 'a push that is no descendant of the one before',
      headers: { 'x-event-key': 'repo:push' },
      payload: {
        ...cloudPush,
        push: { changes: [{ ...cloudPush.push.changes[0], forced: true, truncated: true }] },
      },
      event: { kind: 'push', repository: 'acme/fleet', ref: 'refs/heads/main', after: SHA },
    },
    {
      why: 'a tag',
      headers: { 'x-event-key': 'repo:push' },
      payload: {
        ...cloudPush,
        push: { changes: [{ new: { type: 'tag', name: 'v1', target: { hash: SHA } }, old: null }] },
      },
      event: { kind: 'push', repository: 'acme/fleet', ref: 'refs/tags/v1', after: SHA },
    },
    ...['created', 'updated', 'fulfilled', 'rejected'].map((what) => ({
      why: `a pull request that was ${what}`,
      headers: { 'x-event-key': `pullrequest:${what}` },
      payload: cloudPull,
      event: {
        kind: 'pull-request',
        repository: 'acme/fleet',
        number: 4,
        headSha: SHA.slice(0, 12),
      } as const,
    })),
    {
      why: 'an event nobody asked for',
      headers: { 'x-event-key': 'repo:fork' },
      payload: { repository: cloudRepository },
      event: { kind: 'other', event: 'repo:fork', repository: 'acme/fleet' },
    },
  ],
  malformed: [
    ['a push without changes', { ...cloudPush, push: { changes: [] } }],
    [
      'a commit that is a path',
      { ...cloudPush, push: { changes: [{ new: { name: 'm', target: { hash: '../../x' } } }] } },
    ],
    ['no repository', { push: cloudPush.push }],
    ['no JSON', 'payload=%7B%7D'],
  ],
};

const serverRepository = { slug: 'Fleet', id: 7, project: { key: 'OPS', id: 1 } };
const serverPush = {
  eventKey: 'repo:refs_changed',
  repository: serverRepository,
  changes: [
    {
      ref: { id: 'refs/heads/main', displayId: 'main', type: 'BRANCH' },
      refId: 'refs/heads/main',
      fromHash: NO_SHA,
      toHash: SHA,
      type: 'UPDATE',
    },
  ],
};
const serverPull = {
  eventKey: 'pr:opened',
  pullRequest: {
    id: 4,
    fromRef: { id: 'refs/heads/topic', latestCommit: SHA, repository: serverRepository },
    toRef: { id: 'refs/heads/main', latestCommit: NO_SHA, repository: serverRepository },
  },
};

export const bitbucketDataCenterWebhooks: WebhookSamples = {
  prove: (body, secret) => ({
    'x-event-key': 'repo:refs_changed',
    'x-hub-signature': `sha256=${hmac(body, secret)}`,
  }),
  samples: [
    {
      why: 'a push',
      headers: { 'x-event-key': 'repo:refs_changed' },
      payload: serverPush,
      event: { kind: 'push', repository: 'ops/fleet', ref: 'refs/heads/main', after: SHA },
    },
    {
      why: 'a branch that is gone, and a tag',
      headers: { 'x-event-key': 'repo:refs_changed' },
      payload: {
        ...serverPush,
        changes: [
          { refId: 'refs/heads/main', fromHash: SHA, toHash: NO_SHA, type: 'DELETE' },
          { refId: 'refs/tags/v1', fromHash: NO_SHA, toHash: SHA, type: 'ADD' },
        ],
      },
      event: { kind: 'push', repository: 'ops/fleet', ref: 'refs/heads/main', after: NO_SHA },
    },
    ...['opened', 'from_ref_updated', 'modified', 'merged', 'declined'].map((what) => ({
      why: `a pull request of which it is said: ${what}`,
      headers: { 'x-event-key': `pr:${what}` },
      payload: serverPull,
      event: {
        kind: 'pull-request',
        repository: 'ops/fleet',
        number: 4,
        headSha: SHA,
      } as const,
    })),
    {
      why: 'a test of the connection',
      headers: { 'x-event-key': 'diagnostics:ping' },
      payload: { test: true },
      event: { kind: 'other', event: 'diagnostics:ping', repository: undefined },
    },
  ],
  malformed: [
    ['a push without changes', { ...serverPush, changes: [] }],
    ['a commit that is a path', { ...serverPush, changes: [{ refId: 'x', toHash: '../../x' }] }],
    ['no repository', { changes: serverPush.changes }],
    ['no JSON', '<xml/>'],
  ],
};
