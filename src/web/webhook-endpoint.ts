import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { FORGES, forgeTypeOf } from '../forge/forge-registry.ts';
import type { HeaderOf, WebhookDelivery, WebhookEvent } from '../forge/webhook-event.ts';
import { FORGE_TYPES, type ForgeType } from '../model/forge-type.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { SyncSpec, type Sync } from '../model/sync.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';
import type { WebWorld } from './web-world.ts';

/** What is answered to a delivery. */
export interface WebhookAnswer {
  readonly status: 202 | 401 | 404;
  readonly text: string;
}

/** Bodies beyond this are refused before they are read whole. */
export const MAX_WEBHOOK_BYTES = 1024 * 1024;

/** What receiving needs of the world. */
export type WebhookWorld = Pick<WebWorld, 'caches' | 'lookNow'> & {
  readonly secrets: Pick<WebhookSecrets, 'of'>;
};

/** The answer to what nobody signed; asked before the body is read, since everybody can send one. */
export function refuseUnsigned(header: HeaderOf): WebhookAnswer | undefined {
  if (provingForges(header).length > 0) return undefined;
  return { status: 401, text: 'the delivery is not signed: set a secret in the webhook' };
}

/**
 * A delivery is only a hint to look: it must be signed with the secret of a Sync of the repository that it
 * names, and nothing else in it is believed. Replaying one is harmless.
 *
 * @param only the Sync that the endpoint is for; every Sync of the repository when undefined
 */
export async function receiveWebhook(
  delivery: WebhookDelivery,
  only: ObjectKey | undefined,
  world: WebhookWorld,
  scope: Scope,
): Promise<WebhookAnswer> {
  const events = readEvents(delivery);
  const bound = world.caches.syncs
    .list()
    .filter((sync) => !only || keyOf(sync) === only)
    .flatMap((sync) => bindingOf(sync) ?? []);
  if (only && bound.length === 0) return { status: 404, text: `no Sync ${only} with a forge` };
  const proven: Binding[] = [];
  for (const binding of bound) {
    if (!only && !concerns(events, binding)) continue;
    if (await isProven(delivery, binding, world, scope)) proven.push(binding);
  }
  if (proven.length === 0) return { status: 401, text: NOT_OURS };
  const looking = proven
    .filter((binding) => concerns(events, binding) && events.get(binding.type)?.kind !== 'other')
    .map(({ sync }) => keyOf(sync));
  for (const key of looking) world.lookNow(key);
  const text = looking.length > 0 ? `looking at ${looking.join(', ')}` : 'nothing to look at';
  return { status: 202, text };
}

const NOT_OURS =
  'the signature fits no Sync of this repository: check spec.url of the Sync and the webhook secret';

/** The forges whose way of signing the headers show; some send the headers of others too. */
function provingForges(header: HeaderOf): readonly ForgeType[] {
  return FORGE_TYPES.filter((type) => FORGES[type].webhook.carriesProof(header));
}

type Events = ReadonlyMap<ForgeType, WebhookEvent>;

/** What the delivery says in the words of each forge that it may come from, before anything proves it. */
function readEvents(delivery: WebhookDelivery): Events {
  return new Map(
    provingForges(delivery.header).flatMap((type) => {
      try {
        return [[type, FORGES[type].webhook.read(delivery)] as const];
      } catch (thrown) {
        if (thrown instanceof Failure) return [];
        throw thrown;
      }
    }),
  );
}

interface Binding {
  readonly sync: Sync;
  readonly type: ForgeType;
  /** As its forge's webhooks name it. */
  readonly repository: string;
}

function concerns(events: Events, { type, repository }: Binding): boolean {
  return events.get(type)?.repository === repository;
}

async function isProven(
  delivery: WebhookDelivery,
  { sync, type }: Binding,
  { secrets }: WebhookWorld,
  scope: Scope,
): Promise<boolean> {
  if (!FORGES[type].webhook.carriesProof(delivery.header)) return false;
  const secret = await secrets.of(sync, scope);
  return secret !== undefined && FORGES[type].webhook.isProven(delivery, secret);
}

/** Undefined for a Sync that no delivery can be for. */
function bindingOf(sync: Sync): Binding | undefined {
  const spec = SyncSpec.safeParse(sync.spec);
  if (!spec.success || !spec.data.forge) return undefined;
  const { url, forge } = spec.data;
  try {
    const type = forgeTypeOf(url, forge.type);
    return { sync, type, repository: FORGES[type].locate(url, forge.apiUrl).path };
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}
