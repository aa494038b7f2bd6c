import { expect, test } from 'vitest';
import type { ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { rolloutStatusText, type RolloutReport } from './status-text.ts';

function change(key: ObjectKey, record: Partial<ChangeRecord>) {
  const base: ChangeRecord = {
    kind: 'set-parameters',
    plan: 'update',
    attempt: 1,
    state: 'planned',
  };
  return { key, record: { ...base, ...record } };
}

function report(given: Partial<RolloutReport>): RolloutReport {
  const counts = { total: 0, succeeded: 0, failed: 0, running: 0 };
  return { phase: 'progressing', counts, records: [], problems: [], notes: [], ...given };
}

const counts = (total: number, succeeded = 0, failed = 0, running = 0): RolloutReport['counts'] => {
  return { total, succeeded, failed, running };
};

const running = change('shop/queue', {
  state: 'running',
  progress: 'update 2/3 phases, step brokers',
});
const done = change('shop/mail', { state: 'succeeded', summary: 'BROKERS 1 → 3' });
const fatal = change('shop/queue', {
  state: 'failed',
  message: 'FATAL_ERROR in deploy.nodes.node: no such kind',
});

test.each([
  {
    why: 'a commit that was only just seen',
    given: report({}),
    expected: 'pending looking for differences',
  },
  {
    why: 'one change at work, phase by phase',
    given: report({ counts: counts(1, 0, 0, 1), records: [running] }),
    expected: 'pending queue: update 2/3 phases, step brokers',
  },
  {
    why: 'one of several at work',
    given: report({
      counts: counts(3, 1, 0, 1),
      records: [done, running, change('shop/web', { state: 'planned' })],
    }),
    expected:
      'pending 3 changes: 1 done, 1 running, 1 to come; queue: update 2/3 phases, step brokers',
  },
  {
    why: 'a change that waits',
    given: report({
      counts: counts(1),
      records: [change('shop/queue', { state: 'waiting', message: 'blocked by plan backup' })],
    }),
    expected: 'pending queue: blocked by plan backup',
  },
  {
    why: 'a change of a second namespace',
    given: report({
      counts: counts(2, 1, 0, 1),
      records: [change('other/mail', { state: 'succeeded' }), running],
    }),
    expected: 'pending 2 changes: 1 done, 1 running; shop/queue: update 2/3 phases, step brokers',
  },
  {
    why: 'a commit that touches nothing of ours',
    given: report({ phase: 'succeeded' }),
    expected: 'success nothing to do here',
  },
  {
    why: 'one change done, which it names',
    given: report({ phase: 'succeeded', counts: counts(1, 1), records: [done] }),
    expected: 'success 1 change: mail BROKERS 1 → 3',
  },
  {
    why: 'changes done, with what was left alone',
    given: report({
      phase: 'succeeded',
      counts: counts(2, 2),
      records: [done, change('shop/web', { state: 'succeeded' })],
      notes: ['1 Instance removed from Git, not deleted'],
    }),
    expected: 'success 2 changes; 1 Instance removed from Git, not deleted',
  },
  {
    why: 'the failing step',
    given: report({ phase: 'failed', counts: counts(2, 1, 1), records: [done, fatal] }),
    expected: 'failure queue: FATAL_ERROR in deploy.nodes.node: no such kind',
  },
  {
    why: 'a failure that an older commit began',
    given: report({
      phase: 'failed',
      counts: counts(1, 0, 1),
      records: [
        change('shop/queue', {
          ...fatal.record,
          since: '0123456789012345678901234567890123456789',
        }),
      ],
    }),
    expected: 'failure queue: since 0123456: FATAL_ERROR in deploy.nodes.node: no such kind',
  },
  {
    why: 'a failure, what it holds up, and a broken file',
    given: report({
      phase: 'failed',
      counts: counts(3, 1, 2),
      records: [done, fatal, change('shop/queue', { state: 'held' })],
      problems: ['a.yaml:1:1: not YAML'],
    }),
    expected:
      'failure 1 of 3 changes failed, 1 held, 1 problem: queue: FATAL_ERROR in deploy.nodes.node: no such kind',
  },
  {
    why: 'a failure with what it holds up',
    given: report({
      phase: 'failed',
      counts: counts(2, 0, 2),
      records: [fatal, change('shop/queue', { state: 'held' })],
    }),
    expected:
      'failure 1 of 2 changes failed, 1 held: queue: FATAL_ERROR in deploy.nodes.node: no such kind',
  },
  {
    why: 'an Instance whose change is held, with the reason',
    given: report({
      phase: 'failed',
      counts: counts(1, 0, 1),
      records: [change('shop/web', { state: 'held', message: 'waits for queue, which failed' })],
    }),
    expected: 'failure 1 held: web: waits for queue, which failed',
  },
  {
    why: 'a broken file alone, with its place',
    given: report({ phase: 'failed', problems: ['a.yaml:9:5: unknown parameter BROKRES'] }),
    expected: 'failure a.yaml:9:5: unknown parameter BROKRES',
  },
  {
    why: 'trouble of the service itself, whatever else there is',
    given: report({ counts: counts(1), records: [fatal], trouble: 'KUDO does not answer' }),
    expected: 'error KUDO does not answer',
  },
])('says $why', ({ given, expected }) => {
  const { state, description } = rolloutStatusText(given);
  expect(`${state} ${description}`).toBe(expected);
});
