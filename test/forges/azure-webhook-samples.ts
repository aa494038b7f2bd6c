import type { WebhookSamples } from './webhook-samples.ts';

const SHA = 'c'.repeat(40);
const NO_SHA = '0'.repeat(40);

const azureRepository = {
  id: 'r1',
  name: 'Fleet',
  project: { id: 'p1', name: 'Our Shop' },
  remoteUrl: 'https://dev.azure.com/acme/Our%20Shop/_git/Fleet',
};
const azurePush = {
  id: 'n1',
  eventType: 'git.push',
  publisherId: 'tfs',
  resource: {
    repository: azureRepository,
    refUpdates: [{ name: 'refs/heads/main', oldObjectId: NO_SHA, newObjectId: SHA }],
    pushId: 14,
  },
};
const azurePull = {
  eventType: 'git.pullrequest.updated',
  publisherId: 'tfs',
  resource: {
    repository: azureRepository,
    pullRequestId: 4,
    status: 'active',
    lastMergeSourceCommit: { commitId: SHA },
  },
};

export const azureDevOpsWebhooks: WebhookSamples = {
  prove: (_body, secret) => ({
    authorization: `Basic ${Buffer.from(`kudo-gitops:${secret}`).toString('base64')}`,
  }),
  samples: [
    {
      why: 'a push',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      payload: azurePush,
      event: {
        kind: 'push',
        repository: 'our shop/fleet',
        ref: 'refs/heads/main',
        after: SHA,
      },
    },
    ...[
      ['a branch that is gone', 'refs/heads/main', NO_SHA] as const,
      ['a tag', 'refs/tags/v1', SHA] as const,
    ].map(([why, ref, after]) => ({
      why,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      payload: {
        ...azurePush,
        resource: {
          ...azurePush.resource,
          refUpdates: [{ name: ref, oldObjectId: SHA, newObjectId: after }],
        },
      },
      event: { kind: 'push', repository: 'our shop/fleet', ref, after } as const,
    })),
    ...['created', 'updated', 'merged'].map((what) => ({
      why: `a pull request that was ${what}`,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      payload: { ...azurePull, eventType: `git.pullrequest.${what}` },
      event: {
        kind: 'pull-request',
        repository: 'our shop/fleet',
        number: 4,
        headSha: SHA,
      } as const,
    })),
    {
      why: 'an event nobody asked for',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      payload: { eventType: 'build.complete', resource: { id: 7 } },
      event: { kind: 'other', event: 'build.complete', repository: undefined },
    },
  ],
  malformed: [
    [
      'a push without updates',
      { ...azurePush, resource: { ...azurePush.resource, refUpdates: [] } },
    ],
    [
      'a commit that is a path',
      {
        ...azurePush,
        resource: { ...azurePush.resource, refUpdates: [{ name: 'x', newObjectId: '../../x' }] },
      },
    ],
    ['a hook without resource details', { eventType: 'git.push' }],
    ['no JSON', 'eventType=git.push'],
  ],
};
