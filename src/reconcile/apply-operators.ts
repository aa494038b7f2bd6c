import { ensureOperators, type EnsuredOperators } from '../act/ensure-operators.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { busyWith } from '../plan/obstacle-to.ts';
import { versionSteps } from './plan-revision.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { SyncSettings } from './sync-settings.ts';

/** The Rollout and what it is about. */
interface Turn {
  readonly settings: Pick<SyncSettings, 'uid'>;
  readonly revision: RevisionState;
  readonly record: RolloutRecord;
}

/** Brings the Operators and OperatorVersions of a revision into the cluster, as far as they may go now. */
export async function applyOperators(
  turn: Turn,
  context: ReconcileContext,
  scope: Scope,
): Promise<EnsuredOperators> {
  const { revision, settings } = turn;
  const { caches } = context.view;
  const { operators, operatorVersions } = caches;
  const versions = versionSteps(revision, caches, settings.uid).map(({ wanted, step }) => ({
    wanted,
    step,
    ...(step.kind === 'replace' ? { busy: whyBusy(wanted.key, turn, context) } : {}),
  }));
  const observed = {
    operator: (key: ObjectKey) => operators.get(key),
    wrote: (object: { kind: string }) => {
      if (object.kind === 'Operator') operators.update(object as never);
      else operatorVersions.update(object as never);
    },
  };
  const wanted = { operators: [...revision.desired.operators.values()], versions };
  return ensureOperators(wanted, observed, context.client, scope);
}

/** The first Instance of an OperatorVersion that is not idle, and why. */
function whyBusy(
  version: ObjectKey,
  { record }: Pick<Turn, 'record'>,
  { view }: ReconcileContext,
): string | undefined {
  for (const observed of view.caches.instances.indexed('version', version)) {
    const key = keyOf(observed);
    const records = record.recordsOf(key);
    const at = { observed, records, quietMs: view.quietMs(key), lastRun: view.lastRun(key) };
    const isUnsettled = records.some(({ record: { state } }) => state === 'sending');
    const why = busyWith(at) ?? (isUnsettled ? 'a change is being written' : undefined);
    if (why !== undefined) {
      return `OperatorVersion ${version} is replaced when ${key} is idle: ${why}`;
    }
  }
  return undefined;
}
