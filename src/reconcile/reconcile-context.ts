import type { KubeClient } from '../cluster/kube-client.ts';
import type { PacedForge } from '../forge/forge-registry.ts';
import { sha256 } from '../lib/sha256.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import type { DriftEvents } from '../report/drift-events.ts';
import type { GitSource } from '../source/git-source.ts';
import type { ClusterView } from './cluster-view.ts';
import type { PackageLoader } from './package-loader.ts';
import type { ForgeSecret, SyncSettings } from './sync-settings.ts';

/** The service's adapters and settings; wire.ts builds the real ones. */
export interface ReconcileContext {
  readonly client: KubeClient;
  readonly source: GitSource;
  /** Loads packages that live elsewhere. */
  readonly packages: PackageLoader;
  readonly view: ClusterView;
  /** @throws {Failure} `invalid` when the repository's URL is none of that forge */
  readonly forgeFor: (settings: SyncSettings, secret: ForgeSecret) => PacedForge;
  /** Where values that others changed are told. */
  readonly driftEvents: DriftEvents;
  /** Stands in every status context. */
  readonly clusterName: string;
  /** Where people reach our pages; undefined leaves statuses without links. */
  readonly publicUrl: string | undefined;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

interface NamedSync {
  readonly namespace: string;
  readonly name: string;
}

/** The roll-up context of a Sync under a commit. */
export function statusContext(clusterName: string, sync: NamedSync): string {
  return fitting(wholeContext(clusterName, sync));
}

/** The context of one Instance, whose namespace stands in it when it is not the Sync's usual one. */
export function instanceContext(
  clusterName: string,
  sync: NamedSync & { readonly defaultNamespace: string },
  instance: ObjectKey,
): string {
  const { namespace, name } = splitKey(instance);
  const short = namespace === sync.defaultNamespace ? name : instance;
  return fitting(`${wholeContext(clusterName, sync)}/${short}`);
}

const wholeContext = (clusterName: string, { namespace, name }: NamedSync): string =>
  `kudo-gitops/${clusterName}/${namespace}/${name}`;

/** Below what forges take for a context. */
const MAX_CONTEXT = 200;

/** A context that is too long is cut, and told from others by a hash of the whole. */
function fitting(context: string): string {
  if (context.length <= MAX_CONTEXT) return context;
  return `${context.slice(0, MAX_CONTEXT - 9)}~${sha256(context).slice(0, 8)}`;
}

/** The page of a Rollout. */
export function rolloutUrl(
  publicUrl: string | undefined,
  namespace: string,
  rollout: string,
): string | undefined {
  if (publicUrl === undefined) return undefined;
  return `${publicUrl.replace(/\/$/, '')}/rollouts/${namespace}/${rollout}`;
}

/** The place of a Sync on the overview page. */
export function overviewUrl(
  publicUrl: string | undefined,
  namespace: string,
  sync: string,
): string | undefined {
  if (publicUrl === undefined) return undefined;
  return `${publicUrl.replace(/\/$/, '')}/#${namespace}/${sync}`;
}
