import type { Instance } from '../kudo/objects.ts';
import { parseToken, tokenId } from '../model/change-token.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { stateOf } from '../model/plan-run.ts';
import { isVerdict, type ChangeRecord, type ChangeRecords } from '../model/rollout.ts';
import type { Caches } from './cluster-view.ts';

/*
 * Rollouts and PlanRuns write to the same Instances, each recognising its own write by its token. A token
 * may therefore be overwritten only when what it stands for is settled: every write is guarded by the
 * resourceVersion at which that was looked up, so nobody can come between.
 */

/** The PlanRun whose token stands on the Instance while its run is not known yet; undefined for none. */
export function openRunOn(
  observed: Instance,
  { planRuns }: Pick<Caches, 'planRuns'>,
): string | undefined {
  const token = parseToken(observed.metadata.annotations?.[ANNOTATION.change]);
  if (!token) return undefined;
  const runs = planRuns.indexed('instance', keyOf(observed));
  const run = runs.find(({ metadata }) => token.id.startsWith(`${metadata.uid ?? ''}/`));
  if (!run) return undefined;
  const attempt = Number(token.id.slice(token.id.lastIndexOf('/') + 1));
  const known = run.status?.attempt ?? 0;
  const isOpen = attempt > known || (attempt === known && UNSETTLED.has(stateOf(run)));
  return isOpen ? run.metadata.name : undefined;
}

const UNSETTLED: ReadonlySet<string> = new Set(['waiting', 'held', 'sending']);

/** What a Rollout has still to find out about the Instance before anybody else may write to it. */
export function openChangeOn(
  observed: Instance,
  caches: Pick<Caches, 'rollouts' | 'rolloutParts'>,
): string | undefined {
  const key = keyOf(observed);
  const token = parseToken(observed.metadata.annotations?.[ANNOTATION.change])?.id;
  const found = recordsOf(key, caches);
  const running = found.find(({ record, isLive }) => isLive && record.state === 'running');
  if (running) return `plan ${running.record.plan} of ${running.rollout}`;
  if (token === undefined) return undefined;
  return openWrite(token, found, caches);
}

function openWrite(
  token: string,
  found: readonly Found[],
  { rollouts }: Pick<Caches, 'rollouts'>,
): string | undefined {
  const written = found.findLast(({ id }) => id === token);
  if (written) {
    const isOpen = written.isLive && UNSETTLED_CHANGE.has(written.record.state);
    return isOpen ? `a change of ${written.rollout}` : undefined;
  }
  const [uid] = token.split('/');
  const rollout = rollouts.list().find(({ metadata }) => metadata.uid === uid);
  // Its record is stored and not seen yet.
  return rollout && !isVerdict(rollout.status?.phase) ? `a change of ${keyOf(rollout)}` : undefined;
}

const UNSETTLED_CHANGE: ReadonlySet<string> = new Set(['planned', 'waiting', 'sending']);

interface Found {
  readonly rollout: ObjectKey;
  /** The identity under which it is written. */
  readonly id: string;
  readonly record: ChangeRecord;
  /** False in a Rollout that has its verdict. */
  readonly isLive: boolean;
}

/** Records of an Instance in every Rollout and its parts, oldest Rollout first. */
function recordsOf(
  key: ObjectKey,
  { rollouts, rolloutParts }: Pick<Caches, 'rollouts' | 'rolloutParts'>,
): readonly Found[] {
  const byAge = rollouts.list().toSorted((a, b) => a.spec.sequence - b.spec.sequence);
  return byAge.flatMap((rollout) => {
    const isLive = !isVerdict(rollout.status?.phase);
    const uid = rollout.metadata.uid ?? '';
    const at = { rollout: keyOf(rollout), isLive };
    const parts = isLive && rollout.status?.parts ? rolloutParts.list() : [];
    const ofRollout = parts.filter((part) =>
      part.metadata.ownerReferences?.some((owner) => owner.uid === uid),
    );
    const maps = [rollout.status?.changes, ...ofRollout.map(({ status }) => status?.changes)];
    return maps.flatMap((changes) => foundIn(changes ?? {}, key, { ...at, uid }));
  });
}

function foundIn(
  changes: ChangeRecords,
  key: ObjectKey,
  { uid, ...at }: { readonly uid: string; readonly rollout: ObjectKey; readonly isLive: boolean },
): readonly Found[] {
  return Object.entries(changes).flatMap(([changeKey, record]) => {
    const slash = changeKey.lastIndexOf('/');
    if (changeKey.slice(0, slash) !== key || record.kind === 'run-plan') return [];
    const id = record.token ?? tokenId(uid, Number(changeKey.slice(slash + 1)), record.attempt);
    return [{ ...at, id, record }];
  });
}
