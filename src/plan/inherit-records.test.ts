import { describe, expect, test } from 'vitest';
import { KEY, record, ROLLOUT_UID } from '../../test/builders.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { inheritRecords } from './inherit-records.ts';

const OLD = 'main@sha1:aaaa';
const NEW = 'main@sha1:bbbb';

function inherit(one: ChangeRecord, revision = NEW, hash = 'h1') {
  const records = new Map([[KEY, [{ n: 2, record: one }]]]);
  const predecessor = { uid: ROLLOUT_UID, revision: OLD, records };
  const { inherited, moved } = inheritRecords(predecessor, { revision }, new Map([[KEY, hash]]));
  return { heir: inherited.get(KEY)?.[0], isMoved: moved.length > 0 };
}

describe('a newer rollout takes over', () => {
  test.each(['sending', 'running'] as const)(
    'what is %s, under the token it was written with',
    (state) => {
      const one = record(state, { planUid: 'u1' });
      expect(inherit(one)).toEqual({
        heir: { ...one, token: `${ROLLOUT_UID}/2/1` },
        isMoved: true,
      });
    },
  );

  test('a token that was inherited once stays', () => {
    expect(inherit(record('running', { token: 'first/0/1' })).heir?.token).toBe('first/0/1');
  });

  test.each(['planned', 'waiting', 'held'] as const)(
    'nothing that is %s: it is planned anew',
    (state) => {
      expect(inherit(record(state))).toEqual({ heir: undefined, isMoved: true });
    },
  );

  test.each(['succeeded', 'restarted', 'moved'] as const)('nothing that is %s', (state) => {
    expect(inherit(record(state))).toEqual({ heir: undefined, isMoved: false });
  });

  test('a failure that the commit does not touch, with the commit since which it stands', () => {
    expect(inherit(record('failed'))).toEqual({
      heir: { ...record('failed'), since: 'aaaa' },
      isMoved: false,
    });
    expect(inherit(record('failed', { since: '9999' })).heir?.since).toBe('9999');
    expect(inherit(record('failed'), OLD).heir?.since).toBe(undefined);
  });

  test('no refusal that the commit touches: what it asked for is planned anew', () => {
    expect(inherit(record('failed', { cause: 'denied' }), NEW, 'h2').heir).toBe(undefined);
  });

  test('a failed plan though the commit touches the Instance, for Git and the cluster agree', () => {
    const failed = record('failed', { cause: 'plan' });
    // It holds nothing of what Git says by now.
    const heir = { ...failed, since: 'aaaa', desiredHash: undefined };
    expect(inherit(failed, NEW, 'h2').heir).toEqual(heir);
  });

  test('no failure whose place a later change took', () => {
    const two = [record('failed', { cause: 'plan' }), record('succeeded')];
    const records = new Map([[KEY, two.map((one, n) => ({ n, record: one }))]]);
    const predecessor = { uid: ROLLOUT_UID, revision: OLD, records };
    const { inherited } = inheritRecords(predecessor, { revision: NEW }, new Map([[KEY, 'h1']]));
    expect(inherited.get(KEY)).toBe(undefined);
  });

  test('a failure after which its plan was merely given up', () => {
    const failed = record('failed', { cause: 'timeout', planUid: 'u1' });
    const two = [failed, record('succeeded', { kind: 'abandon', plan: '-' })];
    const records = new Map([[KEY, two.map((one, n) => ({ n, record: one }))]]);
    const predecessor = { uid: ROLLOUT_UID, revision: OLD, records };
    const { inherited } = inheritRecords(predecessor, { revision: NEW }, new Map([[KEY, 'h1']]));
    expect(inherited.get(KEY)).toMatchObject([{ state: 'failed', cause: 'timeout' }]);
  });

  test('a failed plan after which another one ran well', () => {
    const two = [record('failed', { cause: 'plan' }), record('succeeded', { plan: 'resize' })];
    const records = new Map([[KEY, two.map((one, n) => ({ n, record: one }))]]);
    const predecessor = { uid: ROLLOUT_UID, revision: OLD, records };
    const { inherited } = inheritRecords(predecessor, { revision: NEW }, new Map([[KEY, 'h1']]));
    expect(inherited.get(KEY)).toEqual([{ ...two[0], since: 'aaaa' }]);
  });

  test('a plan without end under its token, so that a commit can cure it', () => {
    const failed = record('failed', { cause: 'timeout', planUid: 'u1' });
    expect(inherit(failed).heir?.token).toBe(`${ROLLOUT_UID}/2/1`);
  });
});

describe('a failure that is to be tried again', () => {
  const failed = record('failed', { cause: 'plan', planUid: 'u1', message: 'no disk' });
  const retried = (kind: 'rerun' | 'replan', retries = 0) => {
    const records = new Map([[KEY, [{ n: 2, record: failed }]]]);
    const predecessor = { uid: ROLLOUT_UID, revision: OLD, records };
    const newer = { revision: OLD, retry: () => ({ kind, retries }) };
    return inheritRecords(predecessor, newer, new Map([[KEY, 'h1']])).inherited.get(KEY)?.[0];
  };

  test('is about to be sent as the next attempt, under a token of the new rollout', () => {
    expect(retried('rerun', 1)).toEqual({
      kind: 'set-parameters',
      plan: 'update',
      attempt: 2,
      state: 'sending',
      desiredHash: 'h1',
      retries: 1,
      message: 'to be run again after: no disk',
    });
  });

  test('is a cleanup of what Git no longer has, too, and stands when it fails again', () => {
    const removal = record('failed', { kind: 'delete', plan: 'cleanup', cause: 'plan' });
    const records = new Map([[KEY, [{ n: 0, record: removal }]]]);
    const newer = { revision: OLD, retry: () => ({ kind: 'rerun', retries: 0 }) as const };
    const first = inheritRecords({ uid: ROLLOUT_UID, revision: OLD, records }, newer, new Map());
    const again = first.inherited.get(KEY)?.[0];
    expect(again).toMatchObject({ kind: 'delete', state: 'sending', attempt: 2 });
    const failedAgain = { ...removal, ...again, state: 'failed' } as const;
    const second = new Map([[KEY, [{ n: 0, record: failedAgain }]]]);
    const later = inheritRecords(
      { uid: 'another', revision: OLD, records: second },
      { revision: NEW },
      new Map(),
    );
    expect(later.inherited.get(KEY)).toMatchObject([{ state: 'failed', attempt: 2 }]);
  });

  test('is forgotten when the Instance is to be planned anew', () => {
    expect(retried('replan')).toBe(undefined);
  });
});
