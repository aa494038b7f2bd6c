import { describe, expect, test } from 'vitest';
import { KEY, record } from '../../test/builders.ts';
import type { ChangeState } from '../model/rollout.ts';
import { summarize } from './rollout-verdict.ts';

const verdict = (states: readonly ChangeState[], problems = 0) =>
  summarize(new Map([[KEY, states.map((state, n) => ({ n, record: record(state) }))]]), problems);

describe('a rollout', () => {
  test.each<[string, readonly ChangeState[], number, string]>([
    ['without changes has succeeded', [], 0, 'succeeded'],
    ['without changes, but with a problem in a file, has failed', [], 1, 'failed'],
    ['goes on while a change is to come', ['succeeded', 'planned'], 0, 'progressing'],
    ['goes on while a change waits', ['waiting'], 0, 'progressing'],
    ['goes on while others run beside a problem', ['running'], 1, 'progressing'],
    ['has succeeded when all have', ['succeeded', 'succeeded'], 0, 'succeeded'],
    ['has failed when one has, with what it holds', ['failed', 'held'], 0, 'failed'],
    [
      'has succeeded when a run was restarted and the new one is complete',
      ['restarted', 'succeeded'],
      0,
      'succeeded',
    ],
    [
      'has succeeded when a later change went on after a failure',
      ['failed', 'succeeded'],
      0,
      'succeeded',
    ],
  ])('%s', (_why, states, problems, expected) => {
    expect(verdict(states, problems).phase).toBe(expected);
  });

  test.each([
    ['a plan that was merely given up', { kind: 'abandon', plan: '-' }],
    ['a PlanRun', { kind: 'run-plan', plan: 'backup' }],
  ] as const)('has failed although %s succeeded after it', (_why, later) => {
    const two = [record('failed', { cause: 'plan' }), record('succeeded', later)];
    const records = two.map((one, n) => ({ n, record: one }));
    expect(summarize(new Map([[KEY, records]]), 0).phase).toBe('failed');
  });

  test('has failed when a PlanRun has, whatever changes came after it', () => {
    const two = [record('failed', { kind: 'run-plan', plan: 'backup' }), record('succeeded')];
    const records = two.map((one, n) => ({ n, record: one }));
    expect(summarize(new Map([[KEY, records]]), 0).phase).toBe('failed');
  });

  test('counts what is not outdone', () => {
    expect(verdict(['restarted', 'succeeded', 'sending', 'planned']).counts).toEqual({
      total: 3,
      succeeded: 1,
      failed: 0,
      running: 1,
    });
  });
});
