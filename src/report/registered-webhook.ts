import type { ForgeWebhooks, RegisteredWebhook, WebhookTarget } from '../forge/forge.ts';
import type { Scope } from '../lib/scope.ts';

/** How the webhook of one address stands at the forge. */
export type WebhookStanding = 'complete' | 'incomplete' | 'missing';

/** Throws the forge's Failure. */
export async function webhookStanding(
  url: string,
  forge: ForgeWebhooks,
  scope: Scope,
): Promise<WebhookStanding> {
  const ours = await webhooksOf(url, forge, scope);
  if (ours.some(({ isComplete }) => isComplete)) return 'complete';
  return ours.length > 0 ? 'incomplete' : 'missing';
}

/**
 * Makes the forge deliver to `target`, once. One that is there already is brought up to date whatever it looks
 * like: no forge tells its secret. Others of the same address are removed, so that nothing comes twice.
 */
export async function installWebhook(
  target: WebhookTarget,
  forge: ForgeWebhooks,
  scope: Scope,
): Promise<'created' | 'updated'> {
  const [first, ...rest] = await webhooksOf(target.url, forge, scope);
  if (first) await forge.updateWebhook(first.id, target, scope);
  else await forge.createWebhook(target, scope);
  await removeAll(rest, forge, scope);
  return first ? 'updated' : 'created';
}

/** Removes every webhook of the address; gives how many there were. */
export async function removeWebhooks(
  url: string,
  forge: ForgeWebhooks,
  scope: Scope,
): Promise<number> {
  const ours = await webhooksOf(url, forge, scope);
  await removeAll(ours, forge, scope);
  return ours.length;
}

async function webhooksOf(
  url: string,
  forge: ForgeWebhooks,
  scope: Scope,
): Promise<readonly RegisteredWebhook[]> {
  return (await forge.webhooks(scope)).filter((webhook) => webhook.url === url);
}

async function removeAll(
  webhooks: readonly RegisteredWebhook[],
  forge: ForgeWebhooks,
  scope: Scope,
): Promise<void> {
  for (const { id } of webhooks) {
    // One after the other: forges limit writes.
    // oxlint-disable-next-line no-await-in-loop
    await forge.removeWebhook(id, scope);
  }
}
