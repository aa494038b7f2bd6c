import { Hono } from 'hono';
import type { Scope } from '../lib/scope.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Rollout } from '../model/rollout.ts';
import { withoutSecrets } from '../reconcile/plan-revision.ts';
import { secretMasker } from '../reconcile/secret-masker.ts';
import { allChanges } from './all-changes.ts';
import { maskedOverview } from './masked-overview.ts';
import { instancesOf, maskedChanges, maskedRollout } from './masked-rollout.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { overviewPage } from './overview-page.ts';
import { page } from './page.ts';
import { html } from './html.ts';
import { rolloutPage, type RolloutView } from './rollout-page.ts';
import { MAX_WEBHOOK_BYTES, receiveWebhook, refuseUnsigned } from './webhook-endpoint.ts';
import { serveApp, type WebServer } from './serve-app.ts';
import { WebhookSecrets } from './webhook-secrets.ts';
import type { WebWorld } from './web-world.ts';

/**
 * Pages, webhooks, health and metrics on one port.
 *
 * @param address `host:port`; port 0 takes a free one
 */
export async function startWeb(address: string, world: WebWorld, scope: Scope): Promise<WebServer> {
  return serveApp(address, webApp(world, scope));
}

/** The routes alone, for tests. */
export function webApp(world: WebWorld, scope: Scope): Hono {
  const { caches } = world;
  const metrics = createMetrics(world);
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    context.header('x-content-type-options', 'nosniff');
    context.header('referrer-policy', 'no-referrer');
  });
  app.get('/', (context) => {
    const { syncs, rollouts } = maskedOverview(caches);
    return context.html(overviewPage(syncs, rollouts));
  });
  app.get('/rollouts/:namespace/:name', (context) => {
    const { namespace, name } = context.req.param();
    const rollout = caches.rollouts.get(`${namespace}/${name}`);
    if (!rollout) return context.html(notFound(`Rollout ${namespace}/${name}`), 404);
    return context.html(rolloutPage(maskedView(rollout, caches)));
  });
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', (context) => {
    const trouble = caches.instances.health.lastError;
    return trouble === undefined
      ? context.text('ok\n')
      : context.text('the API server cannot be reached\n', 503);
  });
  app.get('/metrics', async (context) =>
    context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  );
  addWebhooks(app, metrics, world, scope);
  app.notFound((context) => context.html(notFound('this page'), 404));
  app.onError((thrown, context) => {
    scope.log.error('page failed', { path: context.req.path, error: thrown });
    return context.text('something went wrong; the log says what\n', 500);
  });
  return app;
}

const EMPTY = new Uint8Array();

function addWebhooks(app: Hono, metrics: Metrics, world: WebWorld, scope: Scope): void {
  const secrets = new WebhookSecrets(world.webhookSecret);
  app.post('/webhooks', async (context) => receive(context.req.raw, undefined));
  app.post('/webhooks/:namespace/:sync', async (context) => {
    const { namespace, sync } = context.req.param();
    return receive(context.req.raw, `${namespace}/${sync}`);
  });

  async function receive(request: Request, only: ObjectKey | undefined): Promise<Response> {
    const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
    const unsigned = refuseUnsigned(header);
    const body = unsigned ? EMPTY : await readBounded(request, MAX_WEBHOOK_BYTES);
    if (!body) return new Response('the delivery is too large\n', { status: 413 });
    const { status, text } =
      unsigned ?? (await receiveWebhook({ header, body }, only, { ...world, secrets }, scope));
    metrics.webhook(status === 202 ? 'accepted' : 'refused');
    return new Response(`${text}\n`, { status });
  }
}

/** What plans' steps and KUDO's answers say is without the secret values of the Instances concerned. */
function maskedView(rollout: Rollout, caches: WebWorld['caches']): RolloutView {
  const changes = allChanges(rollout, caches);
  const mask = secretMasker(instancesOf(changes), caches);
  return {
    rollout: maskedRollout(rollout, mask),
    changes: maskedChanges(changes, mask),
    instance: (key) => {
      const found = caches.instances.get(key as ObjectKey);
      return found && withoutSecrets(found, caches);
    },
  };
}

/** Undefined when the body is larger; the rest of it is not read then. */
async function readBounded(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function notFound(what: string): string {
  return page(
    'Not found',
    html`<h1>Not found</h1><p>There is no ${what}. <a href="/">What there is</a></p>`,
  );
}
