import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { type ApplyOutcome, applyObject, getIfThere } from './apply-object.ts';
import { readServerVersion } from './discovery.ts';
import { type KubeClient, KubeError } from './kube-client.ts';
import { renewKudoCertificate } from './kudo-certificate.ts';
import {
  type AnyObject,
  type InstalledObject,
  isManagedByUs,
  KUDO_MANAGER,
  KUDO_NAMESPACE,
  KUDO_WEBHOOK,
  kudoObjects,
} from './kudo-install.ts';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  INSTANCES,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  pathOfObject,
  STATEFUL_SETS,
} from './resources.ts';

export interface InstallWish {
  readonly image?: string;
  /** Take over what somebody else installed. */
  readonly takeOver: boolean;
}

export interface InstallStep {
  readonly object: AnyObject;
  readonly outcome: ApplyOutcome;
}

/**
 * Puts KUDO v0.19 on the cluster, step by step; done again it changes only what differs. At its end the
 * webhook has a certificate that the API server trusts.
 *
 * @throws {Failure} `invalid` on Kubernetes < 1.22; `conflict` when KUDO is there but not from us
 */
export async function* installKudo(
  client: KubeClient,
  wish: InstallWish,
  scope: Scope,
): AsyncGenerator<InstallStep, void> {
  await checkVersion(client, scope);
  if (!wish.takeOver) await checkOwner(client, scope);
  for (const installed of kudoObjects(wish)) {
    const isWebhook = installed.resource === MUTATING_WEBHOOKS;
    const wanted = isWebhook ? await withKnownAuthority(client, installed, scope) : installed;
    yield { object: wanted.object, outcome: await applyObject(client, wanted, scope) };
  }
  await renewKudoCertificate(client, scope);
}

export interface RemovalStep {
  readonly object: AnyObject;
  readonly outcome: 'deleted' | 'not there' | 'not ours' | 'kept';
}

/**
 * Takes KUDO's manager off the cluster, the webhook first: without a manager it would refuse every
 * write. The CRDs and the namespace stay unless `deleteData`.
 *
 * @throws {Failure} `conflict` with `deleteData` while there are Instances: only a running manager can
 *   clean up after them, and without it those with a cleanup plan could never be deleted
 */
export async function* uninstallKudo(
  client: KubeClient,
  wish: { readonly deleteData: boolean },
  scope: Scope,
): AsyncGenerator<RemovalStep, void> {
  if (wish.deleteData) await checkNoInstances(client, scope);
  for (const { resource, object } of kudoObjects().toReversed()) {
    const isData = resource === CUSTOM_RESOURCE_DEFINITIONS || resource === NAMESPACES;
    if (isData && !wish.deleteData) {
      yield { object, outcome: 'kept' };
      continue;
    }
    const path = pathOfObject(resource, object);
    const there = await getIfThere(client, path, scope);
    if (!there) yield { object, outcome: 'not there' };
    else if (!isManagedByUs(there)) yield { object, outcome: 'not ours' };
    else {
      await client.delete(
        path,
        { uid: there.metadata.uid, propagationPolicy: 'Background' },
        scope,
      );
      yield { object, outcome: 'deleted' };
    }
  }
}

async function checkNoInstances(client: KubeClient, scope: Scope): Promise<void> {
  const count = await countInstances(client, scope);
  if (count === 0) return;
  throw new Failure('conflict', `there are still ${count} Instance(s) in the cluster`, {
    hint: 'delete them first, while KUDO can still run their cleanup plans: kubectl delete instances.kudo.dev --all -A',
  });
}

/** How many Instances there are; 0 when the cluster does not know Instances. */
export async function countInstances(client: KubeClient, scope: Scope): Promise<number> {
  try {
    return (await client.list(INSTANCES, {}, scope)).items.length;
  } catch (thrown) {
    if (thrown instanceof KubeError && thrown.code === 404) return 0;
    throw thrown;
  }
}

const OLDEST_MINOR = 22;

async function checkVersion(client: KubeClient, scope: Scope): Promise<void> {
  const version = await readServerVersion(client, scope);
  const [, major = '0', minor = '0'] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) === 1 && Number(minor) < OLDEST_MINOR) {
    throw new Failure('invalid', `the cluster runs Kubernetes ${version}, which is too old`, {
      hint: 'up to Kubernetes 1.21, install KUDO with its own command: kubectl kudo init',
    });
  }
}

async function checkOwner(client: KubeClient, scope: Scope): Promise<void> {
  const paths = [
    { ...STATEFUL_SETS, namespace: KUDO_NAMESPACE, name: KUDO_MANAGER },
    { ...MUTATING_WEBHOOKS, name: KUDO_WEBHOOK },
  ];
  for (const path of paths) {
    const there = await getIfThere(client, path, scope);
    if (there && !isManagedByUs(there)) {
      throw new Failure(
        'conflict',
        `${path.plural}/${path.name} is there, but not from kudo-gitops`,
        {
          hint: 'to take this installation of KUDO over, say --take-over',
        },
      );
    }
  }
}

/** A list in a merge patch replaces the whole list, and with it the certificates trusted so far. */
async function withKnownAuthority(
  client: KubeClient,
  { resource, object }: InstalledObject,
  scope: Scope,
): Promise<InstalledObject> {
  const there = await getIfThere<AnyObject>(client, pathOfObject(resource, object), scope);
  const caBundle = webhooksOf(there)[0]?.clientConfig?.caBundle;
  if (caBundle === undefined) return { resource, object };
  const webhooks = webhooksOf(object).map((webhook) => ({
    ...webhook,
    clientConfig: { ...webhook.clientConfig, caBundle },
  }));
  return { resource, object: { ...object, webhooks } };
}

interface Webhook {
  readonly clientConfig?: { readonly caBundle?: string };
}

function webhooksOf(object: AnyObject | undefined): readonly Webhook[] {
  return (object?.['webhooks'] ?? []) as readonly Webhook[];
}
