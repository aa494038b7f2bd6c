import { describe, expect, test } from 'vitest';
import type { ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord, OutboxEntry } from '../model/rollout.ts';
import type { NumberedRecord } from '../plan/instance-situation.ts';
import { begunInstances, endInstances, instanceStatuses } from './instance-statuses.ts';

const base: ChangeRecord = { kind: 'set-parameters', plan: 'update', attempt: 1, state: 'planned' };

function recordsOf(
  given: Readonly<Record<string, readonly Partial<ChangeRecord>[]>>,
): ReadonlyMap<ObjectKey, readonly NumberedRecord[]> {
  return new Map(
    Object.entries(given).map(([name, records]) => [
      `shop/${name}` as const,
      records.map((record, n) => ({ n, record: { ...base, ...record } })),
    ]),
  );
}

/** `orders pending a` is an entry of that Instance, `pending a` one of the Sync. */
function outboxOf(...lines: readonly string[]): readonly OutboxEntry[] {
  return lines.map((line) => {
    const words = line.split(' ');
    const description = words.pop() ?? '';
    const state = words.pop() as OutboxEntry['state'];
    const context = ['fleet', ...words].join('/');
    return { commit: 'c1', context, state, description, sent: true };
  });
}

const contextOf = (key: ObjectKey): string => `fleet/${key.split('/')[1] ?? ''}`;

describe('Instances of a commit', () => {
  const records = recordsOf({
    kafka: [{ state: 'running', progress: 'update 2/3 phases, step brokers' }],
    mail: [{ state: 'succeeded', summary: 'SIZE 1 → 2' }],
    web: [{ state: 'failed', message: 'FATAL_ERROR in deploy.nodes.node: no such kind' }],
    gone: [{ state: 'moved' }],
  });

  test('have a status each when they are few', () => {
    const said = instanceStatuses({ commit: 'c1', records, most: 3, contextOf }, []);
    expect(said).toEqual([
      {
        context: 'fleet/kafka',
        state: 'pending',
        description: 'kafka: update 2/3 phases, step brokers',
      },
      { context: 'fleet/mail', state: 'success', description: '1 change: mail SIZE 1 → 2' },
      {
        context: 'fleet/web',
        state: 'failure',
        description: 'web: FATAL_ERROR in deploy.nodes.node: no such kind',
      },
    ]);
  });

  test('have none when they are many, but what was begun is followed to its end', () => {
    const report = { commit: 'c1', records, most: 2, contextOf };
    expect(instanceStatuses(report, [])).toEqual([]);
    const begun = outboxOf('mail pending a');
    expect(instanceStatuses(report, begun).map(({ context }) => context)).toEqual(['fleet/mail']);
  });

  test('say of two changes how far they are together', () => {
    const two = recordsOf({
      kafka: [{ state: 'succeeded' }, { state: 'running', plan: 'topics' }],
    });
    expect(instanceStatuses({ commit: 'c1', records: two, most: 5, contextOf }, [])).toEqual([
      {
        context: 'fleet/kafka',
        state: 'pending',
        description: '2 changes: 1 done, 1 running; kafka: topics scheduled',
      },
    ]);
  });
});

test('an Instance that is spoken of no more is not left under way for ever', () => {
  const said = { state: 'success', description: 'superseded by 1a2b3c4' } as const;
  const end = { ...said, context: 'fleet' };
  const before = outboxOf('pending a', 'kafka pending a', 'mail pending a', 'mail failure b');
  const after = endInstances(before, 'c1', 'fleet', end);
  expect(after.slice(before.length)).toMatchObject([{ context: 'fleet/kafka', ...said }]);
  expect(endInstances(after, 'c1', 'fleet', end)).toBe(after);
});

test('another attempt at the commit knows which Instances are still said to be under way', () => {
  const before = outboxOf('pending a', 'kafka pending a', 'mail pending a', 'mail success b').map(
    (entry) => ({ ...entry, sent: false }),
  );
  const begun = begunInstances(before, 'c1', 'fleet');
  expect(begun).toEqual(outboxOf('kafka pending a'));
  const end = { state: 'success', description: 'nothing to do here' } as const;
  expect(endInstances(begun, 'c1', 'fleet', end).at(-1)).toMatchObject(end);
});
