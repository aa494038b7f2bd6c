import type { KubeClient } from '../cluster/kube-client.ts';
import { openForge } from '../forge/forge-registry.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf } from '../model/kube-object.ts';
import { followedRef, refPrefixes } from '../model/git-ref.ts';
import { revisionOf, shortOid } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { headOf } from '../reconcile/look-at-repository.ts';
import {
  readForgeSecret,
  readRemote,
  readSettings,
  type SyncSettings,
} from '../reconcile/sync-settings.ts';
import type { GitSource } from '../source/git-source.ts';
import { linkCheck } from './check-links.ts';
import { type Check, checked } from './check-list.ts';

const PATIENCE_MS = 20_000;

/** What Syncs are checked against. */
export interface CheckedCluster {
  readonly client: KubeClient;
  readonly source: GitSource;
  readonly rollouts: readonly Rollout[];
}

/** Whether the repository of a Sync can be read and its forge takes the token, and whether its statuses lead anywhere. */
export async function syncChecks(
  sync: Sync,
  { client, source, rollouts }: CheckedCluster,
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
  const forge = await checked(`${name} forge`, () =>
    inTime('the forge said nothing', scope, (limited) => askForge(ready, client, limited)),
  );
  return [repository, forge, linkCheck(sync, rollouts)];
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

async function askForge(
  { url, forge, ...settings }: SyncSettings,
  client: KubeClient,
  scope: Scope,
): Promise<string> {
  const secret = await readForgeSecret({ url, forge, ...settings }, client, scope);
  if (!forge || !secret) return 'none';
  const { credentials, ca } = secret;
  const opened = openForge({ type: forge.type, url, apiUrl: forge.apiUrl, credentials, ca });
  try {
    const who = await opened.whoAmI(scope);
    const pulls = await opened.openPullRequests(scope);
    return `${forge.type} knows the token as ${who}; ${pulls.length} open pull request(s) are seen`;
  } finally {
    opened.close();
  }
}

async function inTime<T>(
  message: string,
  scope: Scope,
  work: (scope: Scope) => Promise<T>,
): Promise<T> {
  const limit = { ms: PATIENCE_MS, message: `${message} for ${PATIENCE_MS / 1_000} s` };
  return withDeadline(limit, (signal) => work({ ...scope, signal }), scope);
}
