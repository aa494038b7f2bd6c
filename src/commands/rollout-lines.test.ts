import { describe, expect, test } from 'vitest';
import { OID, rolloutObject } from '../../test/builders.ts';
import type { ChangeRecord, OutboxEntry, Rollout, RolloutStatus } from '../model/rollout.ts';
import { rolloutLines, statusLines } from './rollout-lines.ts';

const record = (fields: Partial<ChangeRecord>): ChangeRecord => ({
  kind: 'set-parameters',
  plan: 'update',
  attempt: 1,
  state: 'planned',
  summary: 'BROKERS 3 → 5',
  ...fields,
});

const withChange = (fields: Partial<ChangeRecord>, more: RolloutStatus = {}): Rollout =>
  rolloutObject({ phase: 'progressing', changes: { 'shop/orders/0': record(fields) }, ...more });

describe('what a person reads of a rollout', () => {
  test('a change is announced once, with the plan that KUDO runs for it', () => {
    expect(rolloutLines(undefined, withChange({}))).toEqual([
      '► ab12cd3 orders: five brokers — Ada',
      '  + shop/orders: BROKERS 3 → 5, plan update',
    ]);
    expect(rolloutLines(withChange({}), withChange({ state: 'sending' }))).toEqual([]);
  });

  test('a change that is already under way when first seen still says what it is', () => {
    expect(rolloutLines(undefined, withChange({ state: 'running' }))).toContain(
      '  + shop/orders: BROKERS 3 → 5, plan update',
    );
  });

  test('progress that says what the last line said is not repeated', () => {
    const [started, same] = [
      withChange({ state: 'running' }),
      withChange({ state: 'running', progress: 'update scheduled' }),
    ];
    expect(rolloutLines(withChange({ state: 'sending' }), started)).toEqual([
      '  ◎ shop/orders: update scheduled',
    ]);
    expect(rolloutLines(started, same)).toEqual([]);
    const step = withChange({ state: 'running', progress: 'update 1/2 phases, step brokers' });
    expect(rolloutLines(same, step)).toEqual(['  ◎ shop/orders: update 1/2 phases, step brokers']);
  });

  test('a failure is given in full once; the verdict names where it was', () => {
    const message = 'FATAL_ERROR in update.nodes.budget: no such kind';
    const after = withChange(
      { state: 'failed', message },
      { phase: 'failed', message: `orders: ${message}` },
    );
    expect(rolloutLines(withChange({ state: 'running' }), after)).toEqual([
      `  ✗ shop/orders: ${message}`,
      '✗ ab12cd3 failed: orders',
    ]);
  });

  test('a failure of an earlier commit names that commit and is not announced as a plan', () => {
    const since = 'fedcba9'.padEnd(40, '0');
    const after = withChange({ state: 'failed', message: 'it broke', since });
    expect(rolloutLines(undefined, after).slice(1)).toEqual([
      '  ✗ shop/orders: since fedcba9: it broke',
    ]);
  });

  test('a problem in a file is said with its line, not again for the change that it holds', () => {
    const text = 'shop/orders.yaml:10:5: STORAGE_CLASS is immutable';
    const after = withChange(
      { state: 'held', cause: 'problem', message: 'STORAGE_CLASS is immutable' },
      { phase: 'failed', problems: [text], message: `1 held, 1 problem: ${text}` },
    );
    expect(rolloutLines(undefined, after).slice(1)).toEqual([
      `  ✗ ${text}`,
      '✗ ab12cd3 failed: 1 held, 1 problem',
    ]);
  });

  test('another attempt is called one', () => {
    expect(rolloutLines(undefined, rolloutObject({}, { attempt: 2 }))[0]).toMatch(
      /Ada \(attempt 2\)$/,
    );
  });

  test('a status is told when it has left; the verdict’s own sentence is not repeated', () => {
    const entry = { commit: OID, context: 'c', sent: false } as const;
    const pending = { ...entry, state: 'pending', description: 'orders: update started' } as const;
    const success = { ...entry, state: 'success', description: '1 change' } as const;
    const before = rolloutObject({ outbox: [pending] });
    const sent = rolloutObject({ outbox: [{ ...pending, sent: true }] });
    const ended = rolloutObject({
      phase: 'succeeded',
      message: '1 change',
      outbox: [
        { ...pending, sent: true },
        { ...success, sent: true },
      ],
    });
    expect(statusLines(undefined, before)).toEqual([]);
    expect(statusLines(before, sent)).toEqual([
      '  ⇢ status of ab12cd3: pending, orders: update started',
    ]);
    expect(statusLines(sent, ended)).toEqual(['  ⇢ status of ab12cd3: success']);
  });

  test('a status of an Instance says whose it is', () => {
    const context = 'kudo-gitops/demo/shop/fleet/orders';
    const pending = {
      commit: OID,
      context,
      state: 'pending',
      description: 'orders: update started',
    };
    const success = {
      commit: OID,
      context,
      state: 'success',
      description: '1 change: orders A 3 → 5',
    };
    const outbox = [pending, success].map((entry) => ({ ...entry, sent: true }) as OutboxEntry);
    expect(statusLines(undefined, rolloutObject({ outbox }))).toEqual([
      '  ⇢ status of ab12cd3 (orders): pending, orders: update started',
      '  ⇢ status of ab12cd3 (orders): success',
    ]);
  });
});
