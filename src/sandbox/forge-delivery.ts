import { createHmac, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { ForgeHook } from './forge-state.ts';

/** One thing that happened, as webhooks tell it. */
export interface ForgeEvent {
  /** `X-Gitea-Event`. */
  readonly name: 'push' | 'pull_request' | 'issue_comment';
  /** `X-Gitea-Event-Type`. */
  readonly type: 'push' | 'pull_request' | 'pull_request_sync' | 'pull_request_comment';
  readonly payload: unknown;
}

const ATTEMPTS = 6;
const TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 500;

/**
 * Delivers events to hooks, signed as Gitea signs them (services/webhook/deliver.go): each hook gets
 * its events in order, without anybody waiting for it. Unlike Gitea, a delivery that fails is repeated after
 * 0.5, 1, 2, 4 and 8 s.
 */
export class WebhookDelivery {
  readonly #scope: Scope;
  readonly #lines = new Map<number, Promise<void>>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  send(hooks: readonly ForgeHook[], event: ForgeEvent): void {
    for (const hook of hooks.filter(
      ({ active, events }) => active && events.includes(event.type),
    )) {
      const before = this.#lines.get(hook.id) ?? Promise.resolve();
      this.#lines.set(hook.id, this.#after(before, hook, event));
    }
  }

  async #after(before: Promise<void>, hook: ForgeHook, event: ForgeEvent): Promise<void> {
    await before;
    const { signal, log, clock } = this.#scope;
    const body = JSON.stringify(event.payload, undefined, 2);
    const headers = headersOf(hook, event, body);
    for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt += 1) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        if (attempt > 0) await clock.sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
        // oxlint-disable-next-line no-await-in-loop
        await post(hook.url, headers, body, signal);
        return;
      } catch (thrown) {
        if (!signal.aborted)
          log.debug('webhook not delivered', { attempt, reason: messageOf(thrown) });
      }
    }
    if (!signal.aborted) log.warn('webhook given up', { event: event.type, hook: hook.id });
  }
}

function headersOf(hook: ForgeHook, event: ForgeEvent, body: string): Record<string, string> {
  const sign = (algorithm: string): string =>
    hook.secret === '' ? '' : createHmac(algorithm, hook.secret).update(body).digest('hex');
  const delivery = randomUUID();
  const sha256 = sign('sha256');
  const named = ['Gitea', 'Gogs', 'GitHub'].flatMap((forge) => [
    [`X-${forge}-Delivery`, delivery],
    [`X-${forge}-Event`, event.name],
    [`X-${forge}-Event-Type`, event.type],
  ]);
  return {
    ...(Object.fromEntries(named) as Record<string, string>),
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Gitea-Signature': sha256,
    'X-Gogs-Signature': sha256,
    'X-Hub-Signature': `sha1=${sign('sha1')}`,
    'X-Hub-Signature-256': `sha256=${sha256}`,
    'X-Gitea-Hook-Installation-Target-Type': 'repository',
  };
}

async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const status = await new Promise<number>((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', headers, signal, timeout: TIMEOUT_MS },
      (response) => {
        response.resume();
        response.on('error', reject);
        response.on('end', () => {
          resolve(response.statusCode ?? 0);
        });
      },
    );
    sent.on('error', reject);
    sent.on('timeout', () => {
      sent.destroy(new Error('no answer in time'));
    });
    sent.end(body);
  });
  if (status < 200 || status > 299) throw new Error(`answered ${status}`);
}
