import { describe, expect, test } from 'vitest';
import { KEY, record, ROLLOUT_UID } from '../../test/builders.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { inheritRecords } from './inherit-records.ts';

const OLD = 'main@sha1:aaaa';
const NEW = 'main@sha1:bbbb';

function inherit(one: ChangeRecord, revision = NEW, hash = 'h1') {
  const records = new Map([[KEY, [{ n: 2, record: one }]]]);
  const predecessor = { uid: ROLLOUT_UID, revision: OLD, records };
  const { inherited, moved } = inheritRecords(predecessor, revision, new Map([[KEY, hash]]));
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

  test('no failure that the commit touches', () => {
    expect(inherit(record('failed'), NEW, 'h2').heir).toBe(undefined);
  });
});
