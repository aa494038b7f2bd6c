import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CommitState, CommitStatus } from '../model/commit-status.ts';
import type { OutboxEntry } from '../model/rollout.ts';
import {
  attemptBudget,
  enqueue,
  markSent,
  MAX_PROGRESS,
  nextToSend,
  settleInDoubt,
  withoutOldProgress,
} from './outbox.ts';

const status = (state: CommitState, description: string, context = 'ours'): CommitStatus => ({
  context,
  state,
  description,
});

/** `pending a*` is sent, `pending a` is not. */
function outboxOf(...lines: readonly string[]): readonly OutboxEntry[] {
  return lines.map((line) => {
    const [state = '', description = ''] = line.replace('*', '').split(' ');
    const sent = line.endsWith('*');
    return { commit: 'c1', context: 'ours', state: state as CommitState, description, sent };
  });
}

function linesOf(outbox: readonly OutboxEntry[]): readonly string[] {
  return outbox.map(({ state, description, sent }) => `${state} ${description}${sent ? '*' : ''}`);
}

describe('what is added', () => {
  test.each([
    { why: 'the first', before: [], add: 'pending a', after: ['pending a'] },
    {
      why: 'progress takes the place of unsent progress',
      before: ['pending a*', 'pending b'],
      add: 'pending c',
      after: ['pending a*', 'pending c'],
    },
    {
      why: 'progress follows sent progress',
      before: ['pending a*'],
      add: 'pending b',
      after: ['pending a*', 'pending b'],
    },
    {
      why: 'the same is not said twice in a row',
      before: ['pending a*'],
      add: 'pending a',
      after: ['pending a*'],
    },
    {
      why: 'progress that went back to what was sent says nothing',
      before: ['pending a*', 'pending b'],
      add: 'pending a',
      after: ['pending a*'],
    },
    {
      why: 'a verdict drops nothing',
      before: ['pending a'],
      add: 'success done',
      after: ['pending a', 'success done'],
    },
    {
      why: 'progress after a verdict, of a retry, stands behind it',
      before: ['failure x'],
      add: 'pending a',
      after: ['failure x', 'pending a'],
    },
  ])('$why', ({ before, add, after }) => {
    const [state = '', description = ''] = add.split(' ');
    const added = enqueue(outboxOf(...before), 'c1', status(state as CommitState, description));
    expect(linesOf(added)).toEqual(after);
  });

  test('is only so much progress, but every verdict', () => {
    let outbox: readonly OutboxEntry[] = [];
    for (let step = 0; step < 50; step++) {
      outbox = enqueue(outbox, 'c1', status('pending', String(step)));
      outbox = outbox.map((entry) => ({ ...entry, sent: true }));
    }
    outbox = enqueue(outbox, 'c1', status('failure', 'x'));
    expect(outbox).toHaveLength(MAX_PROGRESS + 1);
    expect(outbox.at(-1)?.state).toBe('failure');
  });

  test('is counted for each commit and context alone', () => {
    const one = enqueue([], 'c1', status('pending', 'a'));
    const two = enqueue(one, 'c2', status('pending', 'a'));
    const three = enqueue(two, 'c2', status('pending', 'a', 'other'));
    expect(three).toHaveLength(3);
  });
});

test('a text is kept no longer than any forge takes', () => {
  const [entry] = enqueue([], 'c1', status('failure', 'x'.repeat(100_000)));
  expect(entry?.description).toHaveLength(512);
});

test('however often a commit is attempted, it gets fewer statuses than GitHub takes', () => {
  let said = 0;
  for (let attempt = 1; attempt < 5_000; attempt++) {
    const { progress, verdict } = attemptBudget(attempt);
    said += progress + (verdict ? 1 : 0);
  }
  expect(said).toBeLessThan(1_000);
});

test('what is left to say of a Rollout that ended while the forge was away are its answers', () => {
  const outbox = outboxOf('pending a*', 'pending b', 'failure c', 'error d', 'success e');
  expect(linesOf(withoutOldProgress(outbox))).toEqual(['pending a*', 'failure c', 'success e']);
  const onlyPending = outboxOf('pending a');
  expect(withoutOldProgress(onlyPending)).toBe(onlyPending);
});

test('what is sent next is the oldest unsent one, past what is blocked', () => {
  const outbox = [
    ...outboxOf('pending a*', 'pending b'),
    { ...outboxOf('pending x')[0], commit: 'c2' } as OutboxEntry,
  ];
  expect(nextToSend(outbox)?.description).toBe('b');
  expect(nextToSend(outbox, ({ commit }) => commit === 'c1')?.description).toBe('x');
});

describe('after a crash', () => {
  const thread = { commit: 'c1', context: 'ours' };

  test.each([
    {
      why: 'what the forge shows has arrived, and all before it',
      before: ['pending a*', 'pending b', 'success c'],
      forge: status('success', 'c'),
      after: ['pending a*', 'pending b*', 'success c*'],
    },
    {
      why: 'what comes after it has not',
      before: ['pending a', 'success c'],
      forge: status('pending', 'a'),
      after: ['pending a*', 'success c'],
    },
    {
      why: 'nothing has arrived when the forge shows nothing',
      before: ['pending a'],
      forge: undefined,
      after: ['pending a'],
    },
    {
      why: 'nothing has arrived when the forge shows something else',
      before: ['pending a'],
      forge: status('success', 'a'),
      after: ['pending a'],
    },
  ])('$why', ({ before, forge, after }) => {
    expect(linesOf(settleInDoubt(outboxOf(...before), thread, forge))).toEqual(after);
  });
});

test('whatever is added and whenever the process is killed, no answer stands twice in a row', () => {
  const event = fc.oneof(
    fc.record({
      add: fc.constantFrom('pending a', 'pending b', 'pending c', 'success x', 'failure y'),
    }),
    fc.constantFrom('send', 'crash after sending'),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const forge: string[] = [];
      let outbox: readonly OutboxEntry[] = [];
      const send = (isRecorded: boolean): void => {
        const entry = nextToSend(outbox);
        if (!entry) return;
        forge.push(`${entry.state} ${entry.description}`);
        if (isRecorded) outbox = markSent(outbox, entry);
        else outbox = settleInDoubt(outbox, entry, entry);
      };
      for (const happened of events) {
        if (typeof happened === 'string') send(happened === 'send');
        else {
          const [state = '', description = ''] = happened.add.split(' ');
          outbox = enqueue(outbox, 'c1', status(state as CommitState, description));
        }
      }
      const repeated = forge.filter((line, index) => line === forge[index - 1]);
      expect(repeated).toEqual([]);
    }),
  );
});
