import { expect, test } from 'vitest';
import type { Rollout } from '../model/rollout.ts';
import { isOvertaken } from './other-services.ts';
import { RolloutRecord } from './rollout-record.ts';

const OLD = 'a'.repeat(40);
const NEW = 'b'.repeat(40);

const rollout = (oid: string): Rollout => ({
  apiVersion: 'gitops.kudo.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { name: `fleet-${oid.slice(0, 10)}-1`, namespace: 'shop' },
  spec: {
    sync: 'fleet',
    revision: `main@sha1:${oid}`,
    attempt: 1,
    sequence: 1,
    author: 'Ann',
    subject: 'A change',
    committedAt: '2026-01-01T00:00:00.000Z',
  },
});
const record = (oid: string): RolloutRecord => new RolloutRecord(rollout(oid), []);

const ROWS = [
  { why: 'another service has begun another head', latest: NEW, isOvertaken: true },
  { why: 'the newest Rollout is of the head', latest: OLD, isOvertaken: false },
  { why: 'there is none yet', latest: undefined, isOvertaken: false },
  { why: 'it is its own, and the branch was set back', latest: NEW, own: NEW, isOvertaken: false },
  { why: 'the repository was asked since', latest: NEW, looked: NEW, isOvertaken: false },
  { why: 'it was asked before', latest: NEW, looked: OLD, isOvertaken: true },
];

test.each(ROWS)('$why: $isOvertaken', ({ latest, own, looked, isOvertaken: expected }) => {
  const job = {
    record: own === undefined ? record(OLD) : record(own),
    lookedAfter: looked === undefined ? undefined : record(looked).key,
  };
  const newest = latest === undefined ? undefined : rollout(latest);
  expect(isOvertaken(newest, job, OLD)).toBe(expected);
});
