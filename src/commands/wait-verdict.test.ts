import { describe, expect, test } from 'vitest';
import { rolloutObject } from '../../test/builders.ts';
import type { Condition } from '../model/kube-object.ts';
import { API_VERSION } from '../model/names.ts';
import type { Rollout, RolloutPhase } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { parseGoal, waitVerdict } from './wait-verdict.ts';

const A = 'a'.repeat(40);

function condition(type: string, status: Condition['status'], reason = 'Because'): Condition {
  const rest = { message: `${type} is ${status}`, lastTransitionTime: '', observedGeneration: 2 };
  return { type, status, reason, ...rest };
}

function syncWith(conditions: readonly Condition[], generation = 2): Sync {
  const metadata = { name: 'fleet', namespace: 'shop', generation };
  return { apiVersion: API_VERSION, kind: 'Sync', metadata, spec: {}, status: { conditions } };
}

function rolloutOf(oid: string, phase: RolloutPhase | undefined, sequence = 1): Rollout {
  return rolloutObject(
    { phase, message: 'said' },
    { revision: `main@sha1:${oid}`, attempt: sequence, sequence },
    { name: `fleet-${sequence}` },
  );
}

describe('waiting for a Sync to be ready', () => {
  test.each([
    { why: 'is over when it is', sync: syncWith([condition('Ready', 'True')]), kind: 'reached' },
    {
      why: 'goes on while an edit of the Sync was not looked at',
      sync: syncWith([condition('Ready', 'True')], 3),
      kind: 'going-on',
    },
    {
      why: 'goes on while what is wrong may pass by itself',
      sync: syncWith([condition('Ready', 'False'), condition('Reconciling', 'True')]),
      kind: 'going-on',
    },
    {
      why: 'fails when only a person or a commit helps',
      sync: syncWith([condition('Ready', 'False'), condition('Stalled', 'True')]),
      kind: 'failed',
    },
    {
      why: 'fails when the Sync is suspended',
      sync: syncWith([condition('Ready', 'Unknown', 'Suspended')]),
      kind: 'failed',
    },
    { why: 'goes on before the first look', sync: syncWith([]), kind: 'going-on' },
    { why: 'fails when the Sync is gone', sync: undefined, kind: 'failed' },
  ])('$why', ({ sync, kind }) => {
    expect(waitVerdict({ kind: 'ready' }, sync, []).kind).toBe(kind);
  });
});

describe('waiting for a commit', () => {
  const ready = syncWith([condition('Ready', 'True')]);
  const goal = { kind: 'revision', oid: 'aaaa' } as const;

  test.each([
    {
      why: 'goes on while it has no rollout',
      rollouts: [rolloutOf('b'.repeat(40), 'succeeded')],
      kind: 'going-on',
    },
    {
      why: 'goes on while its plans run',
      rollouts: [rolloutOf(A, 'progressing')],
      kind: 'going-on',
    },
    { why: 'is over when it succeeded', rollouts: [rolloutOf(A, 'succeeded')], kind: 'reached' },
    { why: 'fails with it', rollouts: [rolloutOf(A, 'failed')], kind: 'failed' },
    {
      why: 'fails when a newer commit took its place',
      rollouts: [rolloutOf(A, 'superseded')],
      kind: 'failed',
    },
    {
      why: 'judges by the last attempt',
      rollouts: [rolloutOf(A, 'succeeded', 2), rolloutOf(A, 'failed', 1)],
      kind: 'reached',
    },
  ])('$why', ({ rollouts, kind }) => {
    expect(waitVerdict(goal, ready, rollouts).kind).toBe(kind);
  });
});

test.each([
  { text: 'ready', goal: { kind: 'ready' } },
  { text: 'revision=ABCDEF1', goal: { kind: 'revision', oid: 'abcdef1' } },
  { text: `revision=main@sha1:${A}`, goal: { kind: 'revision', oid: A } },
  { text: 'revision=abc', goal: undefined },
  { text: 'happy', goal: undefined },
])('--for=$text is understood, or said not to be', ({ text, goal }) => {
  expect(parseGoal(text)).toEqual(goal);
});
