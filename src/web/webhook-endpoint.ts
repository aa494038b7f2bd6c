import { z } from 'zod';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { webhookReader } from '../forge/forge-registry.ts';
import { repositoryPath } from '../forge/repository-url.ts';
import type { WebhookDelivery, WebhookEvent } from '../forge/webhook-event.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { SyncSpec, type Sync } from '../model/sync.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';
import type { WebWorld } from './web-world.ts';

/** What is answered to a delivery. */
export interface WebhookAnswer {
  readonly status: 202 | 400 | 401 | 404;
  readonly text: string;
}

/** Bodies beyond this are refused before they are read whole. */
export const MAX_WEBHOOK_BYTES = 1024 * 1024;

/** What receiving needs of the world. */
export type WebhookWorld = Pick<WebWorld, 'caches' | 'lookNow'> & {
  readonly secrets: Pick<WebhookSecrets, 'of'>;
};

/**
 * A delivery is only a hint to look: it must be signed with the secret of a Sync of the repository that it
 * names, and nothing else in it is believed. Replaying one is harmless. Without a signature, or with a name
 * that no Sync has, nothing is read: everybody can send those.
 *
 * @param only the Sync that the endpoint is for; every Sync of the repository when undefined
 */
export async function receiveWebhook(
  delivery: WebhookDelivery,
  only: ObjectKey | undefined,
  world: WebhookWorld,
  scope: Scope,
): Promise<WebhookAnswer> {
  if (!hasSignature(delivery)) {
    return { status: 401, text: 'the delivery is not signed: set a secret in the webhook' };
  }
  const syncs = world.caches.syncs.list().filter((sync) => !only || keyOf(sync) === only);
  if (only && syncs.length === 0) return { status: 404, text: `no Sync ${only}` };
  const looked: ObjectKey[] = [];
  let signed = false;
  for (const sync of only ? syncs : syncsOf(claimedRepository(delivery), syncs)) {
    const event = await readSigned(delivery, sync, world.secrets, scope);
    if (!event) continue;
    signed = true;
    if (!concerns(event, sync)) continue;
    world.lookNow(keyOf(sync));
    looked.push(keyOf(sync));
  }
  if (!signed) return { status: 401, text: NOT_OURS };
  const text = looked.length > 0 ? `looking at ${looked.join(', ')}` : 'no Sync of this repository';
  return { status: 202, text };
}

const NOT_OURS =
  'the signature fits no Sync of this repository: check spec.url of the Sync and the webhook secret';

/** A hex SHA-256, as every forge that we speak to sends it (forge/webhook-signature.ts). */
function hasSignature(delivery: WebhookDelivery): boolean {
  return /^[0-9a-f]{64}$/i.test(delivery.header('x-gitea-signature') ?? '');
}

const Claim = z.object({ repository: z.object({ full_name: z.string().max(255) }) });

/** The repository that the delivery says it is of, before anything proves it. */
function claimedRepository({ body }: WebhookDelivery): string | undefined {
  try {
    const claim: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return Claim.parse(claim).repository.full_name.toLowerCase();
  } catch {
    return undefined;
  }
}

function syncsOf(repository: string | undefined, syncs: readonly Sync[]): readonly Sync[] {
  if (repository === undefined) return [];
  return syncs.filter((sync) => pathOf(sync) === repository);
}

async function readSigned(
  delivery: WebhookDelivery,
  sync: Sync,
  secrets: WebhookWorld['secrets'],
  scope: Scope,
): Promise<WebhookEvent | undefined> {
  const spec = SyncSpec.safeParse(sync.spec);
  if (!spec.success || !spec.data.forge) return undefined;
  const secret = await secrets.of(sync, scope);
  if (secret === undefined || secret === '') return undefined;
  try {
    return webhookReader(spec.data.forge.type)(delivery, secret);
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}

function concerns(event: WebhookEvent, sync: Sync): boolean {
  return 'repository' in event && pathOf(sync) === event.repository;
}

/** `owner/name` of the Sync's repository in lower case. */
function pathOf({ spec }: Sync): string | undefined {
  const parsed = SyncSpec.safeParse(spec);
  return parsed.success ? repositoryPath(parsed.data.url) : undefined;
}
