import { expect, test } from 'vitest';
import { rolloutObject } from '../../test/builders.ts';
import type { ChangeRecord, ChangeState, Rollout, RolloutPart } from '../model/rollout.ts';
import { joinHistory, type GitChange } from './join-history.ts';

const oidOfLetter = (letter: string): string => letter.repeat(40);
const LINE = ['e', 'd', 'c', 'b', 'a'].map((letter) => oidOfLetter(letter));

function change(letter: string): GitChange {
  return {
    kind: 'changed',
    edits: [],
    commit: {
      oid: oidOfLetter(letter),
      parents: [],
      author: { name: 'Ada', email: 'ada@example.org' },
      committedAt: '2026-01-01T00:00:00.000Z',
      subject: letter,
    },
  };
}

function record(state: ChangeState, planUid?: string): ChangeRecord {
  return {
    kind: 'set-parameters',
    plan: 'deploy',
    attempt: 1,
    state,
    planUid,
    token: 'internal',
    desiredHash: 'internal',
    uidBefore: 'internal',
  };
}

function rollout(
  letter: string,
  sequence: number,
  changes: Readonly<Record<string, ChangeRecord>>,
): Rollout {
  return rolloutObject(
    { changes },
    { revision: `main@sha1:${oidOfLetter(letter)}`, sequence, subject: letter },
    { namespace: 'ops', name: `fleet-${letter}-${sequence}`, uid: `uid-${sequence}` },
  );
}

const join = (changed: string, rollouts: readonly Rollout[], parts: readonly RolloutPart[] = []) =>
  joinHistory(
    'ns/kafka',
    { line: LINE, changes: changed.split('').map((letter) => change(letter)) },
    { rollouts, parts },
  );

/** Per entry: subject, who rolled it out, and its runs as `plan uid:state`. */
const shown = (history: ReturnType<typeof joinHistory>) =>
  history.entries.map(({ commit, rolledOutWith, runs, outcome }) => [
    commit.subject,
    rolledOutWith?.[0],
    runs.map(({ planUid, state }) => `${planUid ?? '-'}:${state}`).join(' '),
    outcome,
  ]);

test('a change is shown with the plan it ran and how that ended', () => {
  const history = join('db', [
    rollout('b', 1, { 'ns/kafka/1': record('succeeded', 'p1'), 'ns/kafka-2/1': record('failed') }),
    rollout('d', 2, { 'ns/kafka/1': record('failed', 'p2') }),
  ]);
  expect(shown(history)).toEqual([
    ['d', 'd', 'p2:failed', 'failed'],
    ['b', 'b', 'p1:succeeded', 'succeeded'],
  ]);
  expect(history.otherRuns).toEqual([]);
});

test('two changes pushed together are rolled out by the newer one', () => {
  const history = join('cb', [rollout('c', 1, { 'ns/kafka/1': record('succeeded', 'p1') })]);
  expect(shown(history)).toEqual([
    ['c', 'c', 'p1:succeeded', 'succeeded'],
    ['b', 'c', '', undefined],
  ]);
});

test('a change that nothing has looked at yet has no outcome', () => {
  expect(shown(join('eb', [rollout('b', 1, {})]))).toEqual([
    ['e', undefined, '', undefined],
    ['b', 'b', '', undefined],
  ]);
});

test('what a later commit took over still belongs to the change that asked for it', () => {
  const history = join('b', [
    rollout('b', 1, { 'ns/kafka/1': record('moved', 'p1'), 'ns/kafka/2': record('moved') }),
    rollout('d', 2, {
      'ns/kafka/1': record('succeeded', 'p1'),
      'ns/kafka/2': record('succeeded', 'p2'),
    }),
  ]);
  expect(shown(history)).toEqual([['b', 'b', 'p1:succeeded -:moved p2:succeeded', 'succeeded']]);
  expect(history.entries[0]?.runs[0]).toMatchObject({
    rollout: 'fleet-d-2',
    oid: oidOfLetter('b'),
  });
});

test('retries and drift corrections are further runs of the change', () => {
  const history = join('c', [
    rollout('c', 3, { 'ns/kafka/1': record('succeeded', 'p3') }),
    rollout('c', 1, { 'ns/kafka/1': record('failed', 'p1') }),
    rollout('c', 2, { 'ns/kafka/1': record('failed', 'p2') }),
  ]);
  expect(shown(history)).toEqual([['c', 'c', 'p1:failed p2:failed p3:succeeded', 'succeeded']]);
});

test('changes of large rollouts are found in their parts, in their order', () => {
  const part = (name: string, changes: Record<string, ChangeRecord>): RolloutPart => ({
    apiVersion: 'gitops.kudo.dev/v1alpha1',
    kind: 'RolloutPart',
    metadata: { namespace: 'ops', name: `${name}-p1` },
    spec: { rollout: name, index: 1 },
    status: { changes },
  });
  const history = join(
    'c',
    [rollout('c', 1, { 'ns/kafka/10': record('held') })],
    [
      part('fleet-c-1', { 'ns/kafka/9': record('failed', 'p9') }),
      part('another', { 'ns/kafka/1': record('failed', 'p1') }),
    ],
  );
  expect(shown(history)).toEqual([['c', 'c', 'p9:failed -:held', 'held']]);
});

test('runs of commits that were rewritten away are kept apart', () => {
  const history = join('c', [rollout('f', 1, { 'ns/kafka/1': record('succeeded', 'p1') })]);
  expect(history.otherRuns).toHaveLength(1);
  expect(shown(history)).toEqual([['c', undefined, '', undefined]]);
});

test('what only the service needs is not shown', () => {
  const history = join('c', [rollout('c', 1, { 'ns/kafka/1': record('succeeded', 'p1') })]);
  expect(JSON.stringify(history)).not.toContain('internal');
});
