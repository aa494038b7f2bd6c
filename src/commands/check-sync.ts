import type { KubeClient } from '../cluster/kube-client.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf } from '../model/kube-object.ts';
import { followedRef, refPrefixes } from '../model/git-ref.ts';
import { revisionOf, shortOid } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { headOf } from '../reconcile/look-at-repository.ts';
import { readRemote, readSettings, type SyncSettings } from '../reconcile/sync-settings.ts';
import type { GitSource } from '../source/git-source.ts';
import { askForge, askStatusRight, statusCheck } from './check-forge.ts';
import { linkCheck, newestTold } from './check-links.ts';
import { type Check, checked } from './check-list.ts';
import type { CommandContext } from './command-context.ts';

const PATIENCE_MS = 20_000;

/** What Syncs are checked against. */
export interface CheckedCluster {
  readonly client: KubeClient;
  readonly source: GitSource;
  readonly rollouts: readonly Rollout[];
  /** Variables that may name a proxy. */
  readonly env: CommandContext['env'];
}

/**
 * Whether the repository of a Sync can be read, its forge takes the token and statuses written with it, and
 * whether they lead anywhere.
 */
export async function syncChecks(
  sync: Sync,
  { client, source, rollouts, env }: CheckedCluster,
  scope: Scope,
): Promise<readonly Check[]> {
  const name = `sync/${keyOf(sync)}`;
  let settings: SyncSettings | undefined;
  const repository = await checked(`${name} repository`, async () => {
    const read = readSettings(sync);
    settings = read;
    return inTime(`${read.url} said nothing`, scope, (limited) =>
      lookAt(read, client, source, limited),
    );
  });
  const ready = settings;
  if (!ready?.forge) return [repository];
  const asking = { settings: ready, client, env };
  const silent = 'the forge said nothing';
  const forge = await checked(`${name} forge`, () =>
    inTime(silent, scope, (limited) => askForge(asking, limited)),
  );
  const newest = newestTold(sync, rollouts);
  const found = [repository, forge, linkCheck(`${name} links`, newest)];
  if (forge.state !== 'good') return found;
  const right = await inTime(silent, scope, (limited) => askStatusRight(asking, limited));
  return [...found, statusCheck(`${name} statuses`, right, newest)];
}

async function lookAt(
  settings: SyncSettings,
  client: KubeClient,
  source: GitSource,
  scope: Scope,
): Promise<string> {
  const remote = await readRemote(settings, client, scope);
  const refs = await source.listRefs(remote, refPrefixes(followedRef(settings.ref)), scope);
  const { ref, oid } = headOf(settings, refs);
  const revision = revisionOf(ref, oid).replace(`sha1:${oid}`, shortOid(oid));
  const suspended = settings.suspend ? ', suspended' : '';
  return `${settings.url} has ${revision}${suspended}`;
}

async function inTime<T>(
  message: string,
  scope: Scope,
  work: (scope: Scope) => Promise<T>,
): Promise<T> {
  const limit = { ms: PATIENCE_MS, message: `${message} for ${PATIENCE_MS / 1_000} s` };
  return withDeadline(limit, (signal) => work({ ...scope, signal }), scope);
}
