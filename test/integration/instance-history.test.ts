import { expect, test } from 'vitest';
import type { InstanceAtCommit } from '../../src/audit/compare-states.ts';
import { instanceHistory, type HistoryQuery } from '../../src/audit/instance-history.ts';
import { Failure } from '../../src/lib/failure.ts';
import { MAIN, READ, useGitSource } from '../fakes/git-source-fixture.ts';

const at = useGitSource();

/** Files hold the Instance as JSON. */
async function readInstance(oid: string): Promise<InstanceAtCommit | undefined> {
  const { files } = await at.source.readFiles(at.remote, oid, ['prod'], READ, at.scope);
  const text = files.find(({ path }) => path === 'prod/kafka.json')?.text;
  if (text === 'broken') throw new Failure('invalid', 'not JSON');
  return text === undefined ? undefined : (JSON.parse(text) as InstanceAtCommit);
}

const kafka = (nodes: string): Record<string, string> => ({
  'prod/kafka.json': JSON.stringify({ operatorVersion: 'kafka-1.3', parameters: { NODES: nodes } }),
});

async function historyOf(head: string, more: Partial<HistoryQuery> = {}): Promise<string[]> {
  await at.source.fetch(at.remote, MAIN, head, at.scope);
  const query = {
    key: 'ns/kafka',
    remote: at.remote,
    head,
    maxCommits: 50,
    paths: ['prod'],
    rollouts: [],
    parts: [],
    ...more,
  } as const;
  const { entries } = await instanceHistory(query, at.source, readInstance, at.scope);
  return entries.map(({ kind, commit, merged, edits }) =>
    [
      kind,
      commit.subject,
      ...(merged ? [`(${merged.subject})`] : []),
      ...edits.map(({ name, from, to }) => `${name} ${from ?? '-'} → ${to ?? '-'}`),
    ].join(' '),
  );
}

test('tells which commits changed an Instance, and how, newest first', async () => {
  at.repository.commit('start', { 'README.md': 'fleet\n' });
  at.repository.commit('add kafka', kafka('3'));
  at.repository.commit('something else', { 'prod/other.json': '{}' });
  at.repository.commit('break it', { 'prod/kafka.json': 'broken' });
  at.repository.git('checkout', '--quiet', '-b', 'topic');
  at.repository.commit('scale kafka', kafka('5'));
  at.repository.git('checkout', '--quiet', 'main');
  at.repository.git('merge', '--quiet', '--no-ff', '--message=Merge topic', 'topic');
  const head = at.repository.commit('remove kafka', { 'prod/kafka.json': null });

  expect(await historyOf(head)).toEqual([
    'removed remove kafka NODES 5 → -',
    'changed Merge topic (scale kafka) NODES 3 → 5',
    'created add kafka NODES - → 3',
  ]);
});

test('the oldest commit looked at is compared with the one before it', async () => {
  at.repository.commit('add kafka', kafka('3'));
  at.repository.commit('scale', kafka('4'));
  const head = at.repository.commit('scale more', kafka('5'));
  expect(await historyOf(head, { maxCommits: 1 })).toEqual(['changed scale more NODES 4 → 5']);
});

test('commits outside the paths of the Sync are not read', async () => {
  const head = at.repository.commit('add kafka', kafka('3'));
  expect(await historyOf(head, { paths: ['staging'] })).toEqual([]);
  expect(await historyOf(head, { paths: ['.'] })).toHaveLength(1);
});
