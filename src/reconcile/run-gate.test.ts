import { expect, test } from 'vitest';
import { stillCaches } from '../../test/fakes/still-caches.ts';
import { API_VERSION } from '../model/names.ts';
import type { PlanRun } from '../model/plan-run.ts';
import { runGate } from './run-gate.ts';
import type { SyncJob } from './sync-job.ts';

const HEAD = 'b'.repeat(40);

function run(plan: string, owner = 'sync-uid:shop/backup-1'): PlanRun {
  const annotations = owner === '' ? {} : { 'gitops.kudo.dev/owner': owner };
  return {
    apiVersion: API_VERSION,
    kind: 'PlanRun',
    metadata: { name: 'backup-1', namespace: 'shop', annotations },
    spec: { instance: 'orders', plan },
  };
}

/** What keeps a PlanRun of Sync `fleet` waiting, whose Git says plan `backup`. */
function gate(given: PlanRun, job: object | undefined, suspend = false, isThere = true) {
  const caches = stillCaches();
  const metadata = { name: 'fleet', namespace: 'shop', uid: 'sync-uid', resourceVersion: '1' };
  const sync = { apiVersion: API_VERSION, kind: 'Sync', metadata, spec: { suspend } };
  if (isThere) caches.syncs.update(sync);
  const found = runGate(caches, () => job as SyncJob | undefined)(given);
  return found && `${found.kind}: ${found.message}`;
}

const spec = { instance: 'orders', plan: 'backup', when: 'after', onFirstSync: 'skip' };
const looked = (planRuns: ReadonlyMap<string, unknown>, oid = HEAD, incomplete = false) => ({
  revision: { commit: { oid: HEAD }, desired: { planRuns, incomplete } },
  record: { oid },
});
const named = new Map([['shop/backup-1', { spec }]]);

test('a PlanRun of nobody starts at once, one of a Sync when that has looked at its commit', () => {
  expect(gate(run('backup', ''), undefined)).toBeUndefined();
  expect(gate(run('backup'), undefined)).toBe('waits: waits for a look at its repository');
  expect(gate(run('backup'), looked(named, 'a'.repeat(40)))).toBe(
    'waits: waits for a look at its repository',
  );
});

test('it waits while its Sync is suspended, and never runs once that is gone', () => {
  expect(gate(run('backup'), looked(named), true)).toBe('waits: its Sync is suspended');
  expect(gate(run('backup'), looked(named), false, false)).toBe(
    'gone: its Sync was deleted before it ran',
  );
});

test('it waits to be as Git says, and never runs once Git has it no more', () => {
  expect(gate(run('restore'), looked(named))).toBe('waits: waits to be as Git says');
  expect(gate(run('backup'), looked(new Map()))).toBe(
    'gone: it was removed from Git before it ran',
  );
  expect(gate(run('backup'), looked(new Map(), HEAD, true))).toBe(
    'waits: some files cannot be read',
  );
});
