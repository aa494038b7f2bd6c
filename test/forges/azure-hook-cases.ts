import { HOOK, type ForgeCase } from './forge-cases.ts';

const repo = '/acme/Our%20Shop/_apis/git/repositories/fleet';
const v = 'api-version=7.0';
const hooks = '/acme/_apis/hooks/subscriptions';

const EVENTS = [
  'git.push',
  'git.pullrequest.created',
  'git.pullrequest.updated',
  'git.pullrequest.merged',
];
const inputs = { repository: 'r1', projectId: 'p1' };
const bodyOf = (eventType: string): object => ({
  publisherId: 'tfs',
  eventType,
  resourceVersion: '1.0',
  consumerId: 'webHooks',
  consumerActionId: 'httpRequest',
  publisherInputs: inputs,
  consumerInputs: {
    url: HOOK.url,
    basicAuthUsername: 'kudo-gitops',
    basicAuthPassword: HOOK.secret,
  },
});
const subscription = (id: string, eventType: string, rest: object = {}): object => ({
  id,
  eventType,
  status: 'enabled',
  publisherInputs: inputs,
  consumerInputs: { url: HOOK.url, basicAuthPassword: '********' },
  ...rest,
});
const askRepository = { method: 'GET', path: `${repo}?${v}` };
const repository = { body: { id: 'r1', name: 'fleet', project: { id: 'p1' } } };
const list = { method: 'GET', path: `${hooks}?publisherId=tfs&consumerId=webHooks&${v}` };

export const azureHookCases: readonly ForgeCase[] = [
  {
    why: 'subscriptions to one address are one webhook, which is complete with all events',
    act: (forge, scope) => forge.webhooks(scope),
    calls: [askRepository, list],
    answers: [
      repository,
      {
        body: {
          value: [
            ...EVENTS.map((event, index) => subscription(`s${index}`, event)),
            subscription('s8', 'git.push', { consumerInputs: { url: 'https://x.example' } }),
            subscription('s9', 'git.push', { publisherInputs: { repository: 'r2' } }),
          ],
        },
      },
    ],
    result: [
      { id: HOOK.url, url: HOOK.url, isComplete: true },
      { id: 'https://x.example', url: 'https://x.example', isComplete: false },
    ],
  },
  {
    why: 'a webhook is a subscription an event, with the secret as password',
    act: (forge, scope) => forge.createWebhook(HOOK, scope),
    calls: [
      askRepository,
      ...EVENTS.map((event) => ({ method: 'POST', path: `${hooks}?${v}`, body: bodyOf(event) })),
    ],
    answers: [repository, ...EVENTS.map(() => ({ body: {} }))],
  },
  {
    why: 'a webhook is made whole again: what is there anew, what lacks beside it',
    act: (forge, scope) => forge.updateWebhook(HOOK.url, HOOK, scope),
    calls: [
      askRepository,
      list,
      askRepository,
      { method: 'PUT', path: `${hooks}/s0?${v}`, body: bodyOf('git.push') },
      ...EVENTS.slice(1).map((event) => ({
        method: 'POST',
        path: `${hooks}?${v}`,
        body: bodyOf(event),
      })),
    ],
    answers: [
      repository,
      { body: { value: [subscription('s0', 'git.push', { status: 'disabledBySystem' })] } },
      repository,
      ...EVENTS.map(() => ({ body: {} })),
    ],
  },
  {
    why: 'a webhook is removed with all its subscriptions',
    act: (forge, scope) => forge.removeWebhook(HOOK.url, scope),
    calls: [
      askRepository,
      list,
      { method: 'DELETE', path: `${hooks}/s0?${v}` },
      { method: 'DELETE', path: `${hooks}/s1?${v}` },
    ],
    answers: [
      repository,
      { body: { value: EVENTS.slice(0, 2).map((event, n) => subscription(`s${n}`, event)) } },
      { status: 204, body: '' },
      // What its documentation says of a deletion: 200, with nothing in it.
      { status: 200, body: '' },
    ],
  },
];
