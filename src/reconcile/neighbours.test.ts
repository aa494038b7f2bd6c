import { expect, test } from 'vitest';
import { desiredInstance } from '../../test/builders.ts';
import { revisionState } from '../../test/fakes/revision-state.ts';
import { stillCaches } from '../../test/fakes/still-caches.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { Failure } from '../lib/failure.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { API_VERSION } from '../model/names.ts';
import { standingOf } from './neighbours.ts';
import { newJob, type SyncJob } from './sync-job.ts';

interface Row {
  readonly why: string;
  /** Undefined: not read since the service began. */
  readonly instances?: readonly DesiredInstance[];
  readonly doubtful?: ObjectKey;
  readonly trouble?: Failure;
  readonly spec?: object;
  readonly deletionTimestamp?: string;
  readonly expected: string | undefined;
}

const OWN = 'uid-own';
const orders = desiredInstance({});
const bill = { ...desiredInstance({}, { name: 'bill' }), dependsOn: ['shop/orders'] as const };

test.each<Row>([
  {
    why: 'another Sync was not read yet',
    expected: 'unread-yet: Sync shop/other was not read yet',
  },
  {
    why: 'its repository cannot be read',
    trouble: new Failure('unreachable', 'no answer'),
    expected: 'unread: the repository of Sync shop/other cannot be read',
  },
  {
    why: 'it is suspended since before the service began',
    spec: { suspend: true },
    expected: 'unread: Sync shop/other is suspended, or its spec is wrong',
  },
  {
    why: 'its spec is wrong',
    spec: { paths: 7 },
    expected: 'unread: Sync shop/other is suspended, or its spec is wrong',
  },
  { why: 'it is being deleted', deletionTimestamp: '2026-01-01T00:00:00Z', expected: undefined },
  { why: 'its Git has the Instance', instances: [orders], expected: 'claimed: Sync shop/other' },
  {
    why: 'its Git has it, though the last look failed',
    instances: [orders],
    trouble: new Failure('unreachable', 'no answer'),
    expected: 'claimed: Sync shop/other',
  },
  {
    why: 'an Instance of its Git depends on it',
    instances: [bill],
    expected: 'needed: shop/bill of Sync shop/other',
  },
  {
    why: 'a file of its that may name it cannot be read',
    instances: [bill],
    doubtful: 'shop/orders',
    expected: 'unread: a file of Sync shop/other cannot be read',
  },
  { why: 'its Git has nothing to do with it', instances: [], expected: undefined },
])('what a removed Instance is to others when $why', (row) => {
  const scope = testScope();
  const caches = stillCaches();
  const jobs = new Map<ObjectKey, SyncJob>();
  const make = (name: string, uid: string, spec = {}, deletionTimestamp?: string): SyncJob => {
    const url = 'https://git.example/shop/fleet.git';
    caches.syncs.update({
      apiVersion: API_VERSION,
      kind: 'Sync',
      metadata: { name, namespace: 'shop', uid, deletionTimestamp },
      spec: { url, ...spec },
    });
    const job = newJob(uid, scope.clock, () => undefined);
    jobs.set(`shop/${name}`, job);
    return job;
  };
  const own = make('own', OWN);
  const other = make('other', 'uid-other', row.spec, row.deletionTimestamp);
  other.trouble = row.trouble;
  other.revision =
    row.instances &&
    revisionState(row.instances, {
      incomplete: row.doubtful !== undefined,
      mayHave: (key) => key === row.doubtful,
    });
  const found = standingOf('shop/orders', own, { jobs, syncs: caches.syncs });
  const text = found && ('by' in found ? found.by : found.why);
  expect(found && `${found.kind}: ${String(text)}`).toBe(row.expected);
});
