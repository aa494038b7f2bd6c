import { expect, test } from 'vitest';
import { rolloutObject } from '../../test/builders.ts';
import type { OutboxEntry, Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { linkCheck, newestTold } from './check-links.ts';

const sync: Sync = {
  apiVersion: 'gitops.kudo.dev/v1alpha1',
  kind: 'Sync',
  metadata: { namespace: 'shop', name: 'fleet', uid: 's' },
  spec: {},
};

function rollout(sequence: number, url: string | undefined, owner = 's'): Rollout {
  const entry: OutboxEntry = {
    commit: 'a'.repeat(40),
    context: 'c',
    state: 'success',
    description: '',
    url,
    sent: true,
  };
  const reference = { apiVersion: 'v1', kind: 'Sync', name: 'fleet', uid: owner };
  return rolloutObject(
    { outbox: [entry] },
    { revision: `main@sha1:${'a'.repeat(40)}`, sequence },
    { name: `r${String(sequence)}`, ownerReferences: [reference] },
  );
}

test.each([
  {
    why: 'warns when the newest statuses lead nowhere',
    rollouts: [rollout(2, undefined), rollout(1, 'https://x.example/rollouts/a/b')],
    expected: { state: 'warning', hint: expect.stringContaining('--public-url') as string },
  },
  {
    why: 'is content when they lead to an address',
    rollouts: [rollout(1, undefined), rollout(2, 'https://x.example/rollouts/a/b')],
    expected: { state: 'good', detail: 'statuses lead to https://x.example' },
  },
  {
    why: 'warns of an address that only Pods reach',
    rollouts: [rollout(1, 'http://kudo-gitops.ops.svc/rollouts/a/b')],
    expected: { state: 'warning', detail: expect.stringContaining('inside the cluster') as string },
  },
  {
    why: 'cannot tell before the first status, whatever another Sync has sent',
    rollouts: [rollout(1, undefined, 'another')],
    expected: { state: 'unknown' },
  },
])('$why', ({ rollouts, expected }) => {
  expect(linkCheck('links', newestTold(sync, rollouts))).toMatchObject(expected);
});
