import { Failure } from '../lib/failure.ts';
import { KubeError, type KubeClient } from '../cluster/kube-client.ts';
import { pathOf, ROLLOUT_PARTS, ROLLOUTS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { API_VERSION, FIELD_MANAGER, LABEL } from '../model/names.ts';
import { oidOf, revisionOf } from '../model/revision.ts';
import { rolloutName, type Rollout, type RolloutPart } from '../model/rollout.ts';
import type { Caches } from './cluster-view.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RevisionState } from './revision-reader.ts';
import { RolloutRecord } from './rollout-record.ts';
import { settingsHash, type SyncSettings } from './sync-settings.ts';

/** The Rollouts of a Sync, oldest first. */
export function rolloutsOf(
  settings: Pick<SyncSettings, 'namespace' | 'name' | 'uid'>,
  { rollouts }: Pick<Caches, 'rollouts'>,
): readonly Rollout[] {
  return rollouts
    .list()
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === settings.namespace &&
        spec.sync === settings.name &&
        metadata.ownerReferences?.some(({ uid }) => uid === settings.uid) === true,
    )
    .toSorted(
      (a, b) => a.spec.sequence - b.spec.sequence || (a.metadata.name < b.metadata.name ? -1 : 1),
    );
}

/** A Rollout and its parts, read from the API server, for whoever is about to write it. */
export async function loadRecord(
  key: ObjectKey,
  client: KubeClient,
  scope: Scope,
): Promise<RolloutRecord> {
  const rollout = await client.get<Rollout>(pathOf(ROLLOUTS, key), scope);
  const parts: RolloutPart[] = [];
  // Parts are stored before their number is: there may be more of them than the Rollout says.
  for (let index = 1; ; index++) {
    const part = await getPart(`${key}-p${String(index)}` as ObjectKey, client, scope);
    if (part) parts.push(part);
    else if (index > (rollout.status?.parts ?? 0)) break;
  }
  return new RolloutRecord(rollout, parts);
}

async function getPart(
  key: ObjectKey,
  client: KubeClient,
  scope: Scope,
): Promise<RolloutPart | undefined> {
  try {
    return await client.get<RolloutPart>(pathOf(ROLLOUT_PARTS, key), scope);
  } catch (thrown) {
    if (thrown instanceof KubeError && thrown.code === 404) return undefined;
    throw thrown;
  }
}

/** What a new Rollout is made from. */
export interface NewRollout {
  readonly revision: RevisionState;
  readonly settings: SyncSettings;
  /** Of the same Sync, oldest first. */
  readonly earlier: readonly Rollout[];
  /** Value of the annotation `gitops.kudo.dev/retry` that asked for it. */
  readonly retry?: string | undefined;
}

/** More Rollouts of others than this under the names that we would take are not skipped. */
const MAX_SKIPPED = 20;

/**
 * Creates the Rollout object of a revision, and lets the cache know before the watch does, so that the next
 * revision finds it. One of ours that exists already is returned as it is; one that an earlier Sync of the
 * same name left behind is passed over.
 */
export async function createRollout(
  wanted: NewRollout,
  context: ReconcileContext,
  scope: Scope,
): Promise<{ rollout: Rollout; isNew: boolean }> {
  const first = nextAttempt(wanted.earlier, wanted.revision.commit.oid);
  for (let attempt = first; attempt < first + MAX_SKIPPED; attempt++) {
    const created = await createAttempt(wanted, attempt, context, scope);
    if (created) return created;
  }
  const name = rolloutName(wanted.settings.name, wanted.revision.commit.oid, first);
  throw new Failure('conflict', `Rollout ${name} and the names after it belong to another Sync`, {
    hint: 'delete the Rollouts that a deleted Sync of this name has left behind',
  });
}

async function createAttempt(
  { revision, settings, earlier, retry }: NewRollout,
  attempt: number,
  context: ReconcileContext,
  scope: Scope,
): Promise<{ rollout: Rollout; isNew: boolean } | undefined> {
  const { commit, ref } = revision;
  const { namespace } = settings;
  const previous = earlier.at(-1);
  const name = rolloutName(settings.name, commit.oid, attempt);
  const owner = { apiVersion: API_VERSION, kind: 'Sync', name: settings.name, uid: settings.uid };
  const body = {
    apiVersion: API_VERSION,
    kind: 'Rollout',
    metadata: {
      name,
      namespace,
      labels: { [LABEL.sync]: settings.name },
      ownerReferences: [owner],
    },
    spec: {
      sync: settings.name,
      revision: revisionOf(ref, commit.oid),
      attempt,
      settingsHash: settingsHash(settings),
      sequence: (previous?.spec.sequence ?? 0) + 1,
      author: commit.author.name,
      subject: commit.subject.slice(0, 200),
      committedAt: commit.committedAt,
      ...(previous ? { previousRevision: previous.spec.revision } : {}),
      ...(retry === undefined ? {} : { retry }),
    },
  };
  try {
    const path = { ...ROLLOUTS, namespace };
    const options = { fieldManager: FIELD_MANAGER };
    const created = await context.client.create<Rollout>(path, body, options, scope);
    context.view.caches.rollouts.update(created);
    return { rollout: created, isNew: true };
  } catch (thrown) {
    if (!(thrown instanceof KubeError) || thrown.code !== 409) throw thrown;
    const path = pathOf(ROLLOUTS, `${namespace}/${name}`);
    const rollout = await context.client.get<Rollout>(path, scope);
    const isOurs = rollout.metadata.ownerReferences?.some(({ uid }) => uid === settings.uid);
    return isOurs === true ? { rollout, isNew: false } : undefined;
  }
}

/** The number of the next attempt of a commit: one more than the highest there is. */
function nextAttempt(earlier: readonly Rollout[], oid: string): number {
  const attempts = earlier
    .filter(({ spec }) => oidOf(spec.revision) === oid)
    .map(({ spec }) => spec.attempt);
  return Math.max(0, ...attempts) + 1;
}
