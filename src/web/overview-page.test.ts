import { expect, test } from 'vitest';
import { rolloutObject } from '../../test/builders.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { overviewPage } from './overview-page.ts';

const sync: Sync = {
  apiVersion: 'gitops.kudo.dev/v1alpha1',
  kind: 'Sync',
  metadata: { name: 'fleet', namespace: 'shop' },
  spec: {},
  status: {
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'RolloutFailed',
        message: 'ab12cd3: orders: no room',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
    instances: { total: 3, ready: 2, failed: 1, running: 0 },
  },
};

const rollout = (name: string, startedAt: string): Rollout =>
  rolloutObject({ phase: 'succeeded', startedAt }, {}, { name });

test('every Sync says how it stands and how many of its Instances are well', () => {
  const page = overviewPage([sync], []);
  for (const text of ['shop/fleet', 'RolloutFailed', 'orders: no room', '2 of 3 ready']) {
    expect(page).toContain(text);
  }
});

test('the newest rollout comes first, with a link to its page', () => {
  const [older, newer] = [
    rollout('a', '2026-01-01T00:00:00Z'),
    rollout('b', '2026-01-02T00:00:00Z'),
  ];
  const page = overviewPage([sync], [older, newer]);
  const links = [...page.matchAll(/href="(\/rollouts\/[^"]+)"/g)].map(([, link]) => link);
  expect(links).toEqual(['/rollouts/shop/b', '/rollouts/shop/a']);
});

test('a service without Syncs says what to do', () => {
  expect(overviewPage([], [])).toContain('kubectl apply');
});
