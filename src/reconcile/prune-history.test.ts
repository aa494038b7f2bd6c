import { describe, expect, it } from 'vitest';
import { rolloutObject } from '../../test/builders.ts';
import type { OutboxEntry, Rollout, RolloutPhase } from '../model/rollout.ts';
import { rolloutsToPrune } from './prune-history.ts';

const UNSENT: OutboxEntry = {
  commit: 'c',
  context: 'x',
  state: 'success',
  description: 'done',
  sent: false,
};

function history(...phases: readonly (RolloutPhase | 'unsent' | 'new')[]): Rollout[] {
  return phases.map((phase, index) => {
    const outbox = [{ ...UNSENT, sent: phase !== 'unsent' }];
    const status = { phase: phase === 'unsent' ? 'succeeded' : phase, outbox } as const;
    return rolloutObject(
      status.phase === 'new' ? {} : { ...status, phase: status.phase },
      { revision: `main@sha1:${String(index).repeat(40)}`, sequence: index + 1 },
      { name: `r${String(index + 1)}` },
    );
  });
}

describe('what is deleted of a history', () => {
  const cases = [
    {
      why: 'a history within its limit stays',
      given: history('succeeded', 'failed', 'succeeded'),
      limit: 3,
      expected: [],
    },
    {
      why: 'the oldest go, whatever their verdict',
      given: history('failed', 'superseded', 'succeeded', 'succeeded'),
      limit: 2,
      expected: ['r1', 'r2'],
    },
    {
      why: 'one whose verdict the forge has not heard yet stays',
      given: history('succeeded', 'unsent', 'succeeded', 'succeeded'),
      limit: 1,
      expected: ['r1', 'r3'],
    },
    {
      why: 'unfinished ones are never deleted and do not count',
      given: history('progressing', 'succeeded', 'succeeded', 'new'),
      limit: 1,
      expected: ['r2'],
    },
    {
      why: 'a head that is superseded by a force-push back stays',
      given: history('succeeded', 'succeeded', 'superseded'),
      limit: 1,
      expected: ['r1', 'r2'],
    },
  ];
  it.each(cases)('$why', ({ given, limit, expected }) => {
    expect(rolloutsToPrune(given, limit).map(({ metadata }) => metadata.name)).toEqual(expected);
  });
});
