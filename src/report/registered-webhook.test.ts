import { expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import type { ForgeWebhooks, RegisteredWebhook } from '../forge/forge.ts';
import { installWebhook, removeWebhooks, webhookStanding } from './registered-webhook.ts';

const url = 'https://gitops.example.org/webhooks';
const target = { url, secret: 's' };
const ours = (id: string, isComplete = true): RegisteredWebhook => ({ id, url, isComplete });
const foreign = { id: '9', url: `${url}/shop/fleet`, isComplete: true };

function forgeWith(...webhooks: readonly RegisteredWebhook[]) {
  const calls: string[] = [];
  const note = async (call: string): Promise<void> => {
    calls.push(call);
  };
  const forge: ForgeWebhooks = {
    webhooks: () => Promise.resolve(webhooks),
    createWebhook: (wanted) => note(`create ${wanted.url} ${wanted.secret}`),
    updateWebhook: (id, wanted) => note(`update ${id} ${wanted.secret}`),
    removeWebhook: (id) => note(`remove ${id}`),
  };
  return { forge, calls };
}

test.each([
  { why: 'is created where there is none', there: [foreign], calls: [`create ${url} s`] },
  {
    why: 'is brought up to date, since nobody tells its secret',
    there: [ours('1')],
    calls: ['update 1 s'],
  },
  {
    why: 'stands once, whatever was registered before',
    there: [ours('1', false), foreign, ours('2')],
    calls: ['update 1 s', 'remove 2'],
  },
])('the webhook $why', async ({ there, calls }) => {
  const { forge, calls: made } = forgeWith(...there);
  await installWebhook(target, forge, testScope());
  expect(made).toEqual(calls);
});

test('only webhooks of this very address are removed', async () => {
  const { forge, calls } = forgeWith(ours('1'), foreign, ours('2', false));
  expect(await removeWebhooks(url, forge, testScope())).toBe(2);
  expect(calls).toEqual(['remove 1', 'remove 2']);
});

test.each([
  { there: [foreign], standing: 'missing' },
  { there: [ours('1', false)], standing: 'incomplete' },
  { there: [ours('1', false), ours('2')], standing: 'complete' },
])('it is $standing', async ({ there, standing }) => {
  expect(await webhookStanding(url, forgeWith(...there).forge, testScope())).toBe(standing);
});
