import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { giteaWebhook } from '../../src/forge/gitea-webhook.ts';
import { commandLine, type CommandResult } from '../fakes/command-line.ts';
import { type Fleet, ServiceWorld } from '../fakes/service-world.ts';
import { WebhookReceiver } from '../fakes/webhook-receiver.ts';

let world: ServiceWorld;
let fleet: Fleet;
let hooks: WebhookReceiver;
let publicUrl: string;
let kudoGitops: (...args: string[]) => Promise<CommandResult>;

beforeAll(async () => {
  world = await ServiceWorld.start();
  fleet = await world.fleet({ 'README.md': 'fleet\n' });
  await fleet.sync();
  hooks = new WebhookReceiver();
  publicUrl = (await hooks.listen()).replace(/\/hook$/, '');
  kudoGitops = commandLine(world.sandbox.kubeconfig);
});

afterAll(async () => {
  hooks.close();
  await fleet.leave();
  await world.stop();
});

const webhook = (verb: string, ...options: string[]) =>
  kudoGitops('webhook', verb, `${fleet.name}/${fleet.name}`, '--public-url', publicUrl, ...options);

describe('the webhook at the forge', () => {
  test('is not there, is installed, is delivered to with the Sync’s secret, and is removed', async () => {
    const url = `${publicUrl}/webhooks`;
    expect(await webhook('status')).toMatchObject({
      out: `webhook ${url} is not registered\n`,
      code: 1,
    });
    expect(await webhook('install')).toEqual({ out: `created webhook ${url}\n`, err: '', code: 0 });
    expect(await webhook('install')).toEqual({ out: `updated webhook ${url}\n`, err: '', code: 0 });
    expect(await webhook('status')).toEqual({
      out: `webhook ${url} is registered for pushes and pull requests\n`,
      err: '',
      code: 0,
    });

    const after = await fleet.pushed({ 'README.md': 'bigger fleet\n' }, 'Grow');
    await hooks.seen(1);
    const [delivery] = hooks.deliveries;
    expect(delivery && giteaWebhook.isProven(delivery, 'webhook-secret')).toBe(true);
    expect(delivery && giteaWebhook.read(delivery)).toMatchObject({ kind: 'push', after });

    expect(await webhook('remove')).toMatchObject({ out: `removed 1 webhook ${url}\n`, code: 0 });
    expect(await webhook('remove')).toMatchObject({ out: `no webhook ${url}\n`, code: 0 });
    await fleet.pushed({ 'README.md': 'fleet again\n' }, 'Shrink');
    expect(await fleet.forge.webhooks(world.scope)).toEqual([]);
    expect(hooks.deliveries).toHaveLength(1);
  });

  test('may be of one Sync alone', async () => {
    expect(await webhook('install', '--one-sync')).toMatchObject({
      out: `created webhook ${publicUrl}/webhooks/${fleet.name}/${fleet.name}\n`,
    });
    expect(await webhook('status')).toMatchObject({ code: 1 });
    await webhook('remove', '--one-sync');
  });

  test('needs a secret: nothing unsigned is ever registered', async () => {
    await fleet.secret('forge', { token: world.sandbox.bot.token, webhookSecret: '' });
    const { err, code } = await webhook('install');
    expect(err).toContain('has no key webhookSecret\n  → put a long random text there');
    expect(code).toBe(1);
    expect(await fleet.forge.webhooks(world.scope)).toEqual([]);
  });

  test.each(['gitops.example.org', 'file:///etc/passwd', 'https://ann:hunter2@gitops.example.org'])(
    'does not lead to %s',
    async (address) => {
      const args = [`${fleet.name}/${fleet.name}`, '--public-url', address];
      const { err, code } = await kudoGitops('webhook', 'install', ...args);
      expect(err).toContain('no http or https address without credentials');
      expect(err).not.toContain('hunter2');
      expect(code).toBe(1);
    },
  );
});
