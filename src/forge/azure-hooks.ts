import * as z from 'zod';
import type { Scope } from '../lib/scope.ts';
import type { ForgeWebhooks, RegisteredWebhook, WebhookTarget } from './forge.ts';
import type { JsonApi } from './json-api.ts';

const VERSION = 'api-version=7.0';
const EVENTS = [
  'git.push',
  'git.pullrequest.created',
  'git.pullrequest.updated',
  'git.pullrequest.merged',
];

const Repository = z.object({ id: z.string(), project: z.object({ id: z.string() }) });

const Subscription = z.object({
  id: z.string(),
  eventType: z.string(),
  status: z.string(),
  publisherInputs: z.object({ repository: z.string().optional() }).nullish(),
  consumerInputs: z.object({ url: z.string().optional() }).nullish(),
});
type Subscription = z.infer<typeof Subscription>;

/**
 * Service hooks: one subscription an event. Those with one address are one webhook for us, whose id is that
 * address.
 */
export function azureHooks(hooks: JsonApi, repository: JsonApi): ForgeWebhooks {
  const subscriptions = async (scope: Scope): Promise<readonly Subscription[]> => {
    const { id } = await repository.get(`?${VERSION}`, Repository, scope);
    const list = z.object({ value: z.array(Subscription) });
    const path = `/subscriptions?publisherId=tfs&consumerId=webHooks&${VERSION}`;
    const { value } = await hooks.get(path, list, scope);
    return value.filter(({ publisherInputs }) => publisherInputs?.repository === id);
  };
  const at = async (url: string, scope: Scope): Promise<readonly Subscription[]> =>
    (await subscriptions(scope)).filter(({ consumerInputs }) => consumerInputs?.url === url);

  /** Every event gets its subscription, made or made new. */
  const setUp = async (known: readonly Subscription[], target: WebhookTarget, scope: Scope) => {
    const { id, project } = await repository.get(`?${VERSION}`, Repository, scope);
    for (const eventType of EVENTS) {
      const own = known.find((subscription) => subscription.eventType === eventType);
      const body = bodyOf(eventType, { repository: id, projectId: project.id }, target);
      const path = `/subscriptions${own ? `/${own.id}` : ''}?${VERSION}`;
      await hooks.send(own ? 'PUT' : 'POST', path, body, scope);
    }
  };

  return {
    webhooks: async (scope) => toWebhooks(await subscriptions(scope)),
    createWebhook: (target, scope) => setUp([], target, scope),
    updateWebhook: async (webhook, target, scope) => {
      await setUp(await at(webhook, scope), target, scope);
    },
    removeWebhook: async (webhook, scope) => {
      for (const { id } of await at(webhook, scope)) {
        await hooks.send('DELETE', `/subscriptions/${id}?${VERSION}`, undefined, scope);
      }
    },
  };
}

function bodyOf(
  eventType: string,
  publisherInputs: Readonly<Record<string, string>>,
  { url, secret }: WebhookTarget,
): object {
  return {
    publisherId: 'tfs',
    eventType,
    resourceVersion: '1.0',
    consumerId: 'webHooks',
    consumerActionId: 'httpRequest',
    publisherInputs,
    consumerInputs: { url, basicAuthUsername: 'kudo-gitops', basicAuthPassword: secret },
  };
}

function toWebhooks(all: readonly Subscription[]): readonly RegisteredWebhook[] {
  const urls = new Set(all.flatMap(({ consumerInputs }) => consumerInputs?.url ?? []));
  return [...urls].map((url) => {
    const enabled = all.filter(
      ({ consumerInputs, status }) => consumerInputs?.url === url && status === 'enabled',
    );
    const events = enabled.map(({ eventType }) => eventType);
    return { id: url, url, isComplete: EVENTS.every((event) => events.includes(event)) };
  });
}
