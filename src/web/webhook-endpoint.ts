import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { webhookReader } from '../forge/forge-registry.ts';
import { repositoryPath } from '../forge/repository-url.ts';
import type { WebhookDelivery, WebhookEvent } from '../forge/webhook-event.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { SyncSpec, type Sync } from '../model/sync.ts';
import type { WebWorld } from './web-world.ts';

/** What is answered to a delivery. */
export interface WebhookAnswer {
  readonly status: 202 | 400 | 401 | 404;
  readonly text: string;
}

/** Bodies beyond this are refused before they are read whole. */
export const MAX_WEBHOOK_BYTES = 1024 * 1024;

/**
 * A delivery is only a hint to look: it must be signed with the secret of a Sync, and what it says beyond
 * the repository's name is not believed. Replaying one is harmless.
 *
 * @param only the Sync that the endpoint is for; every Sync is tried when undefined
 */
export async function receiveWebhook(
  delivery: WebhookDelivery,
  only: ObjectKey | undefined,
  world: WebWorld,
  scope: Scope,
): Promise<WebhookAnswer> {
  const syncs = world.caches.syncs.list().filter((sync) => !only || keyOf(sync) === only);
  if (only && syncs.length === 0) return { status: 404, text: `no Sync ${only}` };
  const looked: ObjectKey[] = [];
  let signed = false;
  for (const sync of syncs) {
    const event = await readSigned(delivery, sync, world, scope);
    if (!event) continue;
    signed = true;
    if (!concerns(event, sync)) continue;
    world.lookNow(keyOf(sync));
    looked.push(keyOf(sync));
  }
  if (!signed) return { status: 401, text: 'the signature fits no Sync: check the webhook secret' };
  const text = looked.length > 0 ? `looking at ${looked.join(', ')}` : 'no Sync of this repository';
  return { status: 202, text };
}

async function readSigned(
  delivery: WebhookDelivery,
  sync: Sync,
  world: WebWorld,
  scope: Scope,
): Promise<WebhookEvent | undefined> {
  const spec = SyncSpec.safeParse(sync.spec);
  if (!spec.success || !spec.data.forge) return undefined;
  const secret = await world.webhookSecret(sync, scope).catch(() => undefined);
  if (secret === undefined || secret === '') return undefined;
  try {
    return webhookReader(spec.data.forge.type)(delivery, secret);
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}

function concerns(event: WebhookEvent, sync: Sync): boolean {
  const spec = SyncSpec.safeParse(sync.spec);
  if (!spec.success || !('repository' in event)) return false;
  return repositoryPath(spec.data.url) === event.repository;
}
