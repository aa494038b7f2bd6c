import { afterAll, expect, test } from 'vitest';
import { startConnectProxy } from '../../test/fakes/connect-proxy.ts';
import { MemoryCluster } from '../../test/fakes/memory-cluster.ts';
import { recordingServer, say } from '../../test/fakes/recording-server.ts';
import { liveScope } from '../../test/fakes/scope.ts';
import { SECRETS } from '../cluster/resources.ts';
import type { OutboxEntry, Rollout } from '../model/rollout.ts';
import { readSettings } from '../reconcile/sync-settings.ts';
import { askForge, askStatusRight, statusCheck, type ForgeQuestion } from './check-forge.ts';

const forge = recordingServer();
const scope = liveScope();
afterAll(() => {
  scope.stop();
});

async function asking(proxy?: Readonly<Record<string, string>>): Promise<ForgeQuestion> {
  const client = new MemoryCluster();
  const secrets = { forge: { token: 'the-token' }, ...(proxy && { proxy }) };
  for (const [name, values] of Object.entries(secrets)) {
    const data = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'shop', name },
      data,
    };
    // oxlint-disable-next-line no-await-in-loop -- one object after the other
    await client.create({ ...SECRETS, namespace: 'shop' }, secret);
  }
  const spec = {
    url: 'http://git.invalid/acme/fleet.git',
    forge: { type: 'gitea', apiUrl: `${forge.origin}/api/v1`, secretRef: { name: 'forge' } },
    ...(proxy && { proxySecretRef: { name: 'proxy' } }),
  };
  const metadata = { namespace: 'shop', name: 'fleet', uid: 's' };
  const sync = { apiVersion: 'gitops.kudo.dev/v1alpha1', kind: 'Sync', metadata, spec } as const;
  return { settings: readSettings(sync), client, env: {} };
}

test('the forge is asked by the way that the service takes, through the proxy of the Sync', async () => {
  const proxy = await startConnectProxy('ann:secret');
  forge.answer = say({ body: { login: 'gitops-bot' } }, { body: [] });
  const address = { address: proxy.url, username: 'ann', password: 'secret' };
  expect(await askForge(await asking(address), scope)).toContain('gitops-bot');
  expect(proxy.asked).not.toEqual([]);
  await proxy.close();
});

test('a forge that refuses the question leaves it open whether statuses may be written', async () => {
  forge.answer = say({ status: 403, body: { message: 'token does not have scope' } });
  expect(await askStatusRight(await asking(), scope)).toEqual({
    may: undefined,
    because: expect.stringContaining('403') as string,
  });
});

const rollout = (...sent: readonly boolean[]): Rollout => ({
  apiVersion: 'gitops.kudo.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { namespace: 'shop', name: 'fleet-1' },
  spec: {
    sync: 'fleet',
    revision: `main@sha1:${'a'.repeat(40)}`,
    attempt: 1,
    sequence: 1,
    author: '',
    subject: '',
    committedAt: '',
  },
  status: {
    outbox: sent.map((isSent): OutboxEntry => ({
      commit: 'a'.repeat(40),
      context: 'c',
      state: 'success',
      description: '',
      sent: isSent,
    })),
  },
});

test.each([
  { why: 'good when the forge says so', may: true, newest: undefined, state: 'good' },
  { why: 'bad when the forge denies it', may: false, newest: rollout(true), state: 'bad' },
  { why: 'good when some were taken', may: undefined, newest: rollout(true, false), state: 'good' },
  { why: 'not known while none was', may: undefined, newest: rollout(false), state: 'unknown' },
  { why: 'not known before the first', may: undefined, newest: undefined, state: 'unknown' },
])('whether statuses can be written is $why', ({ may, newest, state }) => {
  const found = statusCheck('statuses', { may, because: 'the reason' }, newest);
  expect(found).toMatchObject({ check: 'statuses', state });
});
