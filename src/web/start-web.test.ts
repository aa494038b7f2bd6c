import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { OID, liveInstance, operatorVersion, record, rolloutObject } from '../../test/builders.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { stillCaches } from '../../test/fakes/still-caches.ts';
import { API_VERSION } from '../model/names.ts';
import type { Sync } from '../model/sync.ts';
import { webApp } from './start-web.ts';
import type { WebWorld } from './web-world.ts';

let caches: WebWorld['caches'];
let looked: string[];
let secretReads: number;

function app(secret: string | undefined = 'webhook-secret', scope = testScope()) {
  const world: WebWorld = {
    caches,
    lookNow: (key) => void looked.push(key),
    webhookSecret: () => {
      secretReads += 1;
      return Promise.resolve(secret);
    },
    queueDepth: () => 3,
  };
  return webApp(world, scope);
}

function sync(): Sync {
  return {
    apiVersion: API_VERSION,
    kind: 'Sync',
    metadata: { name: 'fleet', namespace: 'shop' },
    spec: {
      url: 'https://git.example/Shop/Fleet.git',
      forge: { type: 'gitea', secretRef: { name: 'forge' } },
    },
  };
}

beforeEach(() => {
  caches = stillCaches();
  looked = [];
  secretReads = 0;
});

async function page(path: string): Promise<{ status: number; text: string; response: Response }> {
  const response = await app().request(path);
  return { status: response.status, text: await response.text(), response };
}

describe('the page of a rollout', () => {
  test('says commit, author, state and every change with its plan, in itself and in its parts', async () => {
    const changes = {
      'shop/orders/0': record('running', { planUid: 'u1', summary: 'NODES 3 → 5' }),
    };
    caches.rollouts.update(
      rolloutObject({ phase: 'progressing', message: 'half way', changes, parts: 1 }),
    );
    caches.rolloutParts.update({
      apiVersion: API_VERSION,
      kind: 'RolloutPart',
      metadata: { name: 'fleet-1-p1', namespace: 'shop' },
      spec: { rollout: 'fleet-1', index: 1 },
      status: { changes: { 'shop/mail/0': record('held') } },
    });
    const { status, text } = await page('/rollouts/shop/fleet-1');
    expect(status).toBe(200);
    for (const part of [OID, 'half way', 'NODES 3 → 5', 'shop/mail']) expect(text).toContain(part);
    expect(text).toContain('class="state progressing"');
    expect(text).toContain('class="state running"');
    expect(text).toContain('class="state held"');
  });

  test.each([
    ['loads itself again while something runs', 'progressing', true],
    ['stays as it is once it has ended', 'failed', false],
  ] as const)('%s', async (_why, phase, refreshes) => {
    caches.rollouts.update(rolloutObject({ phase }));
    const { text } = await page('/rollouts/shop/fleet-1');
    expect(text.includes('http-equiv="refresh"')).toBe(refreshes);
  });

  test('shows what people wrote as text, never as markup', async () => {
    const evil = '<script>alert("x")</script>\'';
    const changes = { 'shop/orders/0': record('failed', { message: evil, summary: evil }) };
    caches.rollouts.update(
      rolloutObject(
        { phase: 'failed', message: evil, problems: [evil], changes },
        { subject: evil },
      ),
    );
    for (const path of ['/rollouts/shop/fleet-1', '/']) {
      // oxlint-disable-next-line no-await-in-loop
      const { text, response } = await page(path);
      expect(text).not.toContain('<script');
      expect(text).toContain('&#60;script&#62;');
      expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    }
  });

  test('quotes no secret value from a step of its plan', async () => {
    const annotations = { 'gitops.kudo.dev/secret-parameters': 'PASSWORD' };
    caches.operatorVersions.update(operatorVersion([{ name: 'PASSWORD' }], { annotations }));
    const steps = [{ name: 'login', status: 'ERROR', message: 'wrong: hunter22' } as const];
    const phases = [{ name: 'main', status: 'IN_PROGRESS', steps } as const];
    const run = { name: 'update', uid: 'u1', status: 'IN_PROGRESS', phases } as const;
    const live = liveInstance({ PASSWORD: 'hunter22' });
    caches.instances.update({ ...live, status: { planStatus: { update: run } } });
    caches.rollouts.update(
      rolloutObject({ changes: { 'shop/orders/0': record('running', { planUid: 'u1' }) } }),
    );
    const { text } = await page('/rollouts/shop/fleet-1');
    expect(text).toContain('wrong: ***');
    expect(text).not.toContain('hunter22');
  });

  test('and the overview quote no secret value, wherever one got into a record', async () => {
    const leak = 'wrong: hunter22';
    const annotations = { 'gitops.kudo.dev/secret-parameters': 'PASSWORD' };
    caches.instances.update(liveInstance({ PASSWORD: 'hunter22' }, { annotations }));
    const failed = record('failed', { message: leak, summary: leak, progress: leak });
    const lastTransitionTime = '2026-01-01T00:00:00Z';
    const ready = { type: 'Ready', status: 'False', reason: 'Failed', message: leak } as const;
    caches.syncs.update({
      ...sync(),
      status: { conditions: [{ ...ready, lastTransitionTime }] },
    });
    const description = leak;
    const entry = { commit: OID, context: 'c', state: 'failure', description, sent: true } as const;
    const texts = { message: leak, problems: [leak], notes: [leak], outbox: [entry] };
    const changes = { 'shop/orders/0': failed };
    caches.rollouts.update(rolloutObject({ phase: 'failed', ...texts, changes }));
    for (const path of ['/rollouts/shop/fleet-1', '/']) {
      // oxlint-disable-next-line no-await-in-loop
      const { text } = await page(path);
      expect(text).toContain('wrong: ***');
      expect(text).not.toContain('hunter22');
    }
  });

  test('that is not there is a 404 with a way back', async () => {
    const { status, text } = await page('/rollouts/shop/none');
    expect(status).toBe(404);
    expect(text).toContain('href="/"');
    expect((await page('/nothing/here')).status).toBe(404);
  });
});

test('metrics and health are there for machines', async () => {
  caches.rollouts.update(rolloutObject({ phase: 'failed' }));
  const { text } = await page('/metrics');
  expect(text).toContain('kudo_gitops_queue_depth 3');
  expect(text).toMatch(/kudo_gitops_rollouts\{.*phase="failed".*\} 1/);
  expect((await page('/healthz')).status).toBe(200);
});

describe('a webhook', () => {
  const push = JSON.stringify({
    ref: 'refs/heads/main',
    after: OID,
    repository: { full_name: 'Shop/Fleet' },
  });
  const sign = (body: string, secret: string): string =>
    createHmac('sha256', secret).update(body).digest('hex');

  async function deliver(
    body: string,
    { secret = 'webhook-secret', path = '/webhooks', known = 'webhook-secret' } = {},
  ): Promise<number> {
    caches.syncs.update(sync());
    const headers = { 'x-gitea-event': 'push', 'x-gitea-signature': sign(body, secret) };
    const response = await app(known).request(path, { method: 'POST', headers, body });
    return response.status;
  }

  test('signed with the secret of the Sync makes it look', async () => {
    expect(await deliver(push)).toBe(202);
    expect(await deliver(push, { path: '/webhooks/shop/fleet' })).toBe(202);
    expect(looked).toEqual(['shop/fleet', 'shop/fleet']);
  });

  test('is no reason to read a Secret while it is unsigned, or of a repository that no Sync has', async () => {
    caches.syncs.update(sync());
    const unsigned = { method: 'POST', headers: { 'x-gitea-event': 'push' }, body: push };
    expect((await app().request('/webhooks', unsigned)).status).toBe(401);
    expect(await deliver(push.replace('Shop/Fleet', 'shop/other'))).toBe(401);
    expect(secretReads).toBe(0);
    expect(looked).toEqual([]);
  });

  test('that nobody signed is refused before its body is read', async () => {
    const body = 'x'.repeat(1024 * 1024 + 1);
    const headers = { 'x-gitea-event': 'push' };
    const answer = await app().request('/webhooks', { method: 'POST', headers, body });
    expect(answer.status).toBe(401);
  });

  test('however many there are, costs one read of a Secret per half a minute', async () => {
    const scope = testScope();
    const service = app('webhook-secret', scope);
    caches.syncs.update(sync());
    const forged = { 'x-gitea-event': 'push', 'x-gitea-signature': sign(push, 'guessed') };
    const post = async () =>
      service.request('/webhooks', { method: 'POST', headers: forged, body: push });
    const answers = await Promise.all(Array.from({ length: 20 }, post));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(secretReads).toBe(1);
    await scope.clock.advance(31_000);
    await post();
    expect(secretReads).toBe(2);
  });

  test.each([
    ['signed with another secret', push, { secret: 'guessed' }, 401],
    ['for a Sync that takes none', push, { known: '', secret: '' }, 401],
    ['that cannot be read', 'not json', {}, 401],
    ['for a Sync that is not there', push, { path: '/webhooks/shop/none' }, 404],
    ['larger than a megabyte', 'x'.repeat(1024 * 1024 + 1), {}, 413],
  ])('%s is refused', async (_why, body, options, status) => {
    expect(await deliver(body, options)).toBe(status);
    expect(looked).toEqual([]);
  });
});
