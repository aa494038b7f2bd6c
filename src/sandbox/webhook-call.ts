import { Agent, request as httpsRequest } from 'node:https';
import { messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import { jsonOf } from './api-object.ts';

/** `clientConfig.service` of a webhook. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  /** With a leading slash, or empty. */
  readonly path: string;
  readonly port: number;
}

export interface WebhookRequest {
  readonly url: string;
  /** PEM in base64; empty for the system's own authorities. */
  readonly caBundle: string;
  readonly timeoutMs: number;
  readonly body: object;
}

/** Posts a review and gives the parsed reply; throws an error with the text a client is shown. */
export type WebhookCaller = (request: WebhookRequest, scope: Scope) => Promise<unknown>;

const MAX_REPLY_BYTES = 3 * 1024 * 1024;

/** Calls webhooks over HTTPS on connections that are kept; `close` ends those. */
export function webhookCaller(): { readonly call: WebhookCaller; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true });
  return {
    call: async (webhook, scope) => {
      const seconds = Math.round(webhook.timeoutMs / 1_000);
      const url = `${webhook.url}${webhook.url.includes('?') ? '&' : '?'}timeout=${seconds}s`;
      try {
        const limit = { ms: webhook.timeoutMs, message: 'context deadline exceeded' };
        const answer = await withDeadline(
          limit,
          (signal) => postPastStale(webhook, url, { agent, signal }),
          scope,
        );
        return JSON.parse(answer) as unknown;
      } catch (thrown) {
        throw new Error(`failed to call webhook: Post "${url}": ${messageOf(thrown)}`, {
          cause: thrown,
        });
      }
    },
    close: () => {
      agent.destroy();
    },
  };
}

interface Connection {
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

/** A kept connection that the webhook closes at that moment is no answer: as in Go's net/http, another is taken. */
async function postPastStale(
  webhook: WebhookRequest,
  url: string,
  to: Connection,
): Promise<string> {
  for (;;) {
    try {
      return await post(webhook, url, to);
    } catch (thrown) {
      if (!(thrown instanceof StaleConnection)) throw thrown;
    }
  }
}

/** The connection had been used before, and ended without a byte of an answer. */
class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

function post(
  webhook: WebhookRequest,
  url: string,
  { agent, signal }: Connection,
): Promise<string> {
  const body = Buffer.from(jsonOf(webhook.body));
  const ca = webhook.caBundle === '' ? {} : { ca: Buffer.from(webhook.caBundle, 'base64') };
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'content-length': body.length,
  };
  let hasAnswered = false;
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      url,
      { method: 'POST', agent, signal, headers, ...ca },
      (response) => {
        hasAnswered = true;
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_REPLY_BYTES) response.destroy(new Error('the reply is too long'));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode === 200) resolve(text);
          else
            reject(
              new Error(
                `the server responded with the status code ${response.statusCode ?? 0}: ${text}`,
              ),
            );
        });
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = sent.reusedSocket && error.code === 'ECONNRESET' && !hasAnswered;
      reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    sent.end(body);
  });
}
