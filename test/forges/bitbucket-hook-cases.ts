import { HOOK, type ForgeCase } from './forge-cases.ts';

const repo = '/2.0/repositories/Acme/fleet';
const page = (n: number): string => `page=${n}&pagelen=50`;
const events = [
  'repo:push',
  'pullrequest:created',
  'pullrequest:updated',
  'pullrequest:fulfilled',
  'pullrequest:rejected',
];
const hookBody = { description: 'kudo-gitops', ...HOOK, active: true, events };

export const bitbucketHookCases: readonly ForgeCase[] = [
  {
    why: 'webhooks are listed, and one that lacks an event or is off is not complete',
    act: (forge, scope) => forge.webhooks(scope),
    calls: [{ method: 'GET', path: `${repo}/hooks?${page(1)}` }],
    answers: [
      {
        body: {
          values: [
            { uuid: '{1}', url: HOOK.url, active: true, events },
            { uuid: '{2}', url: HOOK.url, active: true, events: ['repo:push'] },
            { uuid: '{3}', url: HOOK.url, active: false, events },
          ],
        },
      },
    ],
    result: [
      { id: '{1}', url: HOOK.url, isComplete: true },
      { id: '{2}', url: HOOK.url, isComplete: false },
      { id: '{3}', url: HOOK.url, isComplete: false },
    ],
  },
  {
    why: 'a webhook is created signed and switched on',
    act: (forge, scope) => forge.createWebhook(HOOK, scope),
    calls: [{ method: 'POST', path: `${repo}/hooks`, body: hookBody }],
    answers: [{ status: 201, body: {} }],
  },
  {
    why: 'a webhook is made whole again',
    act: (forge, scope) => forge.updateWebhook('{1}', HOOK, scope),
    calls: [{ method: 'PUT', path: `${repo}/hooks/%7B1%7D`, body: hookBody }],
    answers: [{ body: {} }],
  },
  {
    why: 'a webhook is removed',
    act: (forge, scope) => forge.removeWebhook('{1}', scope),
    calls: [{ method: 'DELETE', path: `${repo}/hooks/%7B1%7D` }],
    answers: [{ status: 204, body: '' }],
  },
];
