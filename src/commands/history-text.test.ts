import { expect, test } from 'vitest';
import type { HistoryEntry, HistoryRun } from '../audit/join-history.ts';
import { historyText } from './history-text.ts';
import { stylesFor } from './styles.ts';

const plain = stylesFor({ isTerminal: false, env: {} });
const at = { key: 'shop/db', sync: 'shop/fleet' };

function commit(letter: string, name: string, subject: string): HistoryEntry['commit'] {
  return {
    oid: letter.repeat(40),
    parents: [],
    author: { name, email: 'x@shop.invalid' },
    committedAt: '2026-03-01T12:30:59+01:00',
    subject,
  };
}

const run: HistoryRun = {
  kind: 'set-parameters',
  plan: 'update',
  attempt: 1,
  state: 'succeeded',
  rollout: 'fleet-1',
  oid: 'b'.repeat(40),
  startedAt: '2026-03-01T12:31:00Z',
  finishedAt: '2026-03-01T12:31:12Z',
};

test('shows each commit with its author, what it changed and how its plans ended, newest first', () => {
  const entries: HistoryEntry[] = [
    {
      kind: 'changed',
      edits: [
        { name: 'NODES', from: '3', to: '5', secret: false },
        { name: 'PASSWORD', from: '***', to: '***', secret: true },
      ],
      commit: commit('b', 'Grace', 'Merge branch five'),
      merged: commit('c', 'Ada', 'five nodes'),
      rolledOutWith: 'b'.repeat(40),
      runs: [
        { ...run, state: 'failed', message: 'FATAL_ERROR in update.nodes.drain: no space' },
        { ...run, attempt: 2, finishedAt: '2026-03-01T12:31:00Z' },
      ],
      outcome: 'succeeded',
    },
    {
      kind: 'created',
      operatorVersion: { to: 'db-1' },
      edits: [{ name: 'NODES', from: undefined, to: '3', secret: false }],
      commit: commit('a', 'Ada', 'a database'),
      rolledOutWith: undefined,
      runs: [],
      outcome: undefined,
    },
  ];
  expect(historyText({ entries, otherRuns: [] }, at, plain)).toBe(
    [
      'bbbbbbb  2026-03-01 11:30Z  Grace, merging ccccccc of Ada: Merge branch five',
      '         NODES 3 → 5',
      '         PASSWORD (secret)',
      '         ✗ plan update failed after 12s: FATAL_ERROR in update.nodes.drain: no space',
      '         ✔ plan update succeeded in under a second, attempt 2',
      '',
      'aaaaaaa  2026-03-01 11:30Z  Ada: a database',
      '         created at db-1',
      '         1 parameter',
      '         not rolled out, or its rollout is no longer kept',
      '',
    ].join('\n'),
  );
});

test('says so when no commit changed the Instance', () => {
  expect(historyText({ entries: [], otherRuns: [] }, at, plain)).toBe(
    'no commit of sync/shop/fleet that was looked at changed shop/db\n',
  );
});
