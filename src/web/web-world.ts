import type { Scope } from '../lib/scope.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Sync } from '../model/sync.ts';
import type { Caches } from '../reconcile/cluster-view.ts';

/** What the pages read and the webhooks cause. */
export interface WebWorld {
  readonly caches: Caches;
  /** The repository of this Sync may have news. */
  readonly lookNow: (sync: ObjectKey) => void;
  /** The secret that deliveries for this Sync are signed with; undefined when it takes none. */
  readonly webhookSecret: (sync: Sync, scope: Scope) => Promise<string | undefined>;
  /** Keys waiting or worked on. */
  readonly queueDepth: () => number;
}
