import { pathOf, SYNCS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type Condition } from '../model/kube-object.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import type { Sync, SyncStatus } from '../model/sync.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { SyncReport } from './sync-report.ts';

/** Stores the report as the Sync's status (kstatus-compatible conditions); writes nothing when it says the same. */
export async function writeSyncStatus(
  sync: Sync,
  report: SyncReport,
  { client, view }: ReconcileContext,
  scope: Scope,
): Promise<void> {
  const known = view.caches.syncs.get(keyOf(sync)) ?? sync;
  const status = nextStatus(known, report, new Date(scope.clock.now()).toISOString());
  const changed = changedFields(compact(known.status ?? {}), status);
  if (Object.keys(changed).length === 0) return;
  const path = { ...pathOf(SYNCS, keyOf(sync)), subresource: 'status' };
  const body = { status: changed };
  const patch = { type: 'merge' as const, body, fieldManager: FIELD_MANAGER };
  view.caches.syncs.update(await client.patch<Sync>(path, patch, scope));
}

/** Only these are sent: others write their own fields of the same status at the same time. */
function changedFields(before: SyncStatus, after: SyncStatus): Record<string, unknown> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof SyncStatus>;
  const changed = [...names].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
}

/** Stores single fields of the status; writes nothing when they say the same. */
export async function patchSyncStatus(
  sync: Sync,
  fields: Partial<SyncStatus>,
  { client, view }: ReconcileContext,
  scope: Scope,
): Promise<void> {
  const known = view.caches.syncs.get(keyOf(sync)) ?? sync;
  const after = compact({ ...known.status, ...fields });
  if (JSON.stringify(after) === JSON.stringify(compact(known.status ?? {}))) return;
  const path = { ...pathOf(SYNCS, keyOf(sync)), subresource: 'status' };
  const patch = { type: 'merge' as const, body: { status: fields }, fieldManager: FIELD_MANAGER };
  view.caches.syncs.update(await client.patch<Sync>(path, patch, scope));
}

/** The status after the report; conditions keep their transition time while their status stays. */
export function nextStatus(sync: Sync, report: SyncReport, now: string): SyncStatus {
  const before = sync.status?.conditions ?? [];
  const { generation } = sync.metadata;
  const condition = (
    type: string,
    status: Condition['status'],
    reason: string,
    message: string,
  ) => {
    const old = before.find((one) => one.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : secondsOf(now);
    return { type, status, reason, message, lastTransitionTime, observedGeneration: generation };
  };
  const { ready, reason, message, reconciling, stalled, drift, notesTrouble } = report;
  return compact({
    ...sync.status,
    ...report.fields,
    observedGeneration: generation,
    conditions: [
      condition('Ready', ready, reason, message),
      ...(reconciling ? [condition('Reconciling', 'True', reason, message)] : []),
      ...(stalled ? [condition('Stalled', 'True', reason, message)] : []),
      ...(notesTrouble ? [condition('NotesPending', 'True', 'NotPushed', notesTrouble)] : []),
      ...(drift ? [condition('Drifted', 'True', 'LeftAlone', drift)] : []),
    ],
  });
}

const secondsOf = (iso: string): string => `${iso.slice(0, 19)}Z`;

/** Without undefined values and in the order in which the API server returns fields: by name. */
function compact<T extends object>(status: T): T {
  const clean: unknown = JSON.parse(JSON.stringify(status));
  return sortKeys(clean) as T;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
