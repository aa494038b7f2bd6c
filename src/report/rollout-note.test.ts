import { expect, test } from 'vitest';
import { rolloutObject } from '../../test/builders.ts';
import type { ChangeRecord, Rollout } from '../model/rollout.ts';
import { notedRollouts } from './noted-rollouts.ts';
import { noteLineOf, parseNote } from './rollout-note.ts';

const OID = 'a'.repeat(40);
const CHANGE: ChangeRecord = {
  kind: 'create',
  plan: 'deploy',
  attempt: 1,
  state: 'succeeded',
  planUid: 'plan-uid',
};
const CHANGES = { 'shop/orders/1': CHANGE };

function rollout(more: Partial<Rollout['metadata']> = {}): Rollout {
  return rolloutObject(
    { phase: 'succeeded', message: '1 change', outbox: [], noted: true },
    { revision: `main@sha1:${OID}`, author: 'Ann', subject: 'Add orders' },
    { name: 'fleet-aaaaaaaaaa-1', uid: 'uid-1', ...more },
  );
}

const lineIn = (cluster: string, more?: Partial<Rollout['metadata']>): string =>
  noteLineOf(rollout(more), CHANGES, cluster).line;
const question = { namespace: 'shop', name: 'fleet', clusterName: undefined };

test('a Rollout comes back from its line with outcome, plans and uids, without its outbox', () => {
  const { commit, key, line } = noteLineOf(rollout(), CHANGES, 'prod');
  expect({ commit, key }).toEqual({ commit: OID, key: 'prod/shop/fleet-aaaaaaaaaa-1' });
  expect(line).not.toMatch(/outbox|noted|\n/);
  const [noted] = parseNote(OID, `something of a person\n${line}\n`);
  expect(noted?.rollout.metadata.uid).toBe('uid-1');
  expect(noted?.rollout.status).toEqual({
    phase: 'succeeded',
    message: '1 change',
    changes: CHANGES,
  });
});

test('a Rollout with more changes than a line may hold says how many are left out', () => {
  const message = 'x'.repeat(500);
  const many = Object.fromEntries(
    Array.from({ length: 4_000 }, (_, n) => [`shop/i${String(n)}/1`, { ...CHANGE, message }]),
  );
  const { line } = noteLineOf(rollout(), many, 'prod');
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1 << 20);
  const { status } = JSON.parse(line) as { status: { omittedChanges: number; changes: object } };
  expect(status.omittedChanges + Object.keys(status.changes).length).toBe(4_000);
});

test.each([
  ['no JSON', '{"key":'],
  ['another object', '{"key":"prod/shop/x"}'],
  ['null', 'null'],
  ['a key that belongs to another', lineIn('prod').replace('"cluster":"prod"', '"cluster":"dev"')],
  ['a plan with terminal codes', lineIn('prod').replace('"deploy"', String.raw`"\u001b[2J"`)],
  ['an endless line', lineIn('prod').replace('Add orders', 'x'.repeat(2 << 20))],
  ['another commit', lineIn('prod').replace(OID, 'b'.repeat(40))],
])('a line with %s is passed over', (_, line) => {
  expect(parseNote(OID, line)).toEqual([]);
});

test('what the cluster still has is not taken from notes', () => {
  const notes = new Map([[OID, lineIn('prod')]]);
  expect(notedRollouts(notes, [rollout()], question)).toEqual([]);
  expect(notedRollouts(notes, [], question)).toHaveLength(1);
  expect(notedRollouts(notes, [], { ...question, name: 'other' })).toEqual([]);
});

test('of several clusters the one is taken that has one of the Rollouts, or that was named', () => {
  const older = { name: 'fleet-aaaaaaaaaa-2', uid: 'uid-2' };
  const lines = [lineIn('prod'), lineIn('prod', older), lineIn('dev', { uid: 'uid-3' })];
  const notes = new Map([[OID, lines.join('\n')]]);
  const uids = (found: readonly Rollout[]) => found.map(({ metadata }) => metadata.uid);
  expect(uids(notedRollouts(notes, [rollout()], question))).toEqual(['uid-2']);
  expect(uids(notedRollouts(notes, [], { ...question, clusterName: 'dev' }))).toEqual(['uid-3']);
  expect(() => notedRollouts(notes, [], question)).toThrow('several clusters');
});
