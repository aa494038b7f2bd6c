import { expect, test } from 'vitest';
import { OID, rolloutObject } from '../../test/builders.ts';
import type { Instance } from '../kudo/objects.ts';
import type { ChangeRecord, RolloutStatus } from '../model/rollout.ts';
import { rolloutPage } from './rollout-page.ts';

const change: ChangeRecord = {
  kind: 'set-parameters',
  plan: 'update',
  planUid: 'run-1',
  attempt: 1,
  state: 'failed',
  summary: 'BROKERS 3 → 5',
  message: 'FATAL_ERROR in update.nodes.brokers: no room',
};

const instance = (uid: string): Instance => ({
  apiVersion: 'kudo.dev/v1beta1',
  kind: 'Instance',
  metadata: { name: 'orders', namespace: 'shop' },
  status: {
    planStatus: {
      update: {
        name: 'update',
        uid,
        status: 'FATAL_ERROR',
        phases: [
          {
            name: 'nodes',
            status: 'FATAL_ERROR',
            steps: [{ name: 'brokers', status: 'FATAL_ERROR', message: 'no room' }],
          },
        ],
      },
    },
  },
});

const pageOf = (status: RolloutStatus, uid = 'run-1'): string =>
  rolloutPage({
    rollout: rolloutObject(status),
    changes: { 'shop/orders/0': change },
    instance: () => instance(uid),
  });

test('commit, author, change, plan, phase, step and its message are on the page', () => {
  const page = pageOf({ phase: 'failed', message: 'orders: no room' });
  const wanted = [OID, 'Ada', 'set parameters', 'BROKERS 3 → 5', 'update', 'nodes', 'no room'];
  for (const text of wanted) expect(page).toContain(text);
});

test('steps of another run of the same plan are not shown as those of this change', () => {
  expect(pageOf({ phase: 'failed' }, 'run-2')).not.toContain('<ul class="plan">');
});

test('the page loads itself again while the rollout goes on, and not after', () => {
  expect(pageOf({ phase: 'progressing' })).toContain('http-equiv="refresh"');
  expect(pageOf({ phase: 'failed' })).not.toContain('http-equiv="refresh"');
});

test('how long it took is said once it has ended', () => {
  const startedAt = '2026-01-01T00:00:00Z';
  expect(pageOf({ phase: 'progressing', startedAt })).toContain('not yet');
  expect(pageOf({ phase: 'failed', startedAt, finishedAt: '2026-01-01T00:02:05Z' })).toContain(
    'after 2 min 5 s',
  );
});

test('what a commit says cannot become markup', () => {
  const page = rolloutPage({
    rollout: rolloutObject({ phase: 'succeeded' }, { subject: '<script>alert(1)</script>' }),
    changes: {},
    instance: () => undefined,
  });
  expect(page).not.toContain('<script>');
});

test('a rollout with problems and without a change does not say that there was nothing to do', () => {
  const problems = ['shop/orders.yaml:3:5: unknown field'];
  const page = rolloutPage({
    rollout: rolloutObject({ phase: 'failed', problems }),
    changes: {},
    instance: () => undefined,
  });
  expect(page).toContain('No Instance is changed.');
  expect(page).not.toMatch(/nothing to do/i);
});

test('statuses have their context; those on their way are told from those that arrived', () => {
  const entry = { commit: OID, context: 'kudo-gitops/c/shop/fleet', description: 'x' } as const;
  const page = pageOf({
    phase: 'failed',
    outbox: [
      { ...entry, state: 'pending', sent: true },
      { ...entry, state: 'failure', sent: false },
    ],
  });
  expect(page).toContain('on its way');
  expect(page).toContain('kudo-gitops/c/shop/fleet');
});
