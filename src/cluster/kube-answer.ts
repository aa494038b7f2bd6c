import type { IncomingMessage } from 'node:http';
import { Failure } from '../lib/failure.ts';
import type { KubeError } from './kube-client.ts';
import { errorFromAnswer } from './kube-status.ts';
import { type KubeRequest, unreachable } from './kube-transport.ts';

/** The whole body of an answer. */
export async function readBody(
  response: IncomingMessage,
  { server, maxBytes }: { readonly server: string; readonly maxBytes: number },
  request: KubeRequest,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) {
        throw new Failure(
          'invalid',
          `the answer to ${describe(request)} exceeds ${maxBytes} bytes`,
        );
      }
      chunks.push(chunk);
    }
  } catch (thrown) {
    throw unreachable(server, thrown);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * The JSON of an answer.
 *
 * @throws {KubeError} for a refusal
 */
export function parsedAnswer(
  response: IncomingMessage,
  body: string,
  request: KubeRequest,
  nowMs: number,
): unknown {
  const code = response.statusCode ?? 0;
  if (code < 200 || code > 299) throw refusal(response, body, request, nowMs);
  if (body === '') return {};
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new Failure('unreachable', `the answer to ${describe(request)} is not JSON`, { cause });
  }
}

/** The error that an answer other than 2xx stands for. */
export function refusal(
  response: IncomingMessage,
  body: string,
  request: KubeRequest,
  nowMs: number,
): KubeError {
  const code = response.statusCode ?? 0;
  const retryAfter = response.headers['retry-after'];
  return errorFromAnswer({ code, body, retryAfter }, describe(request), nowMs);
}

/** A request as it may stand in messages: without its query, which can hold continue tokens. */
export function describe(request: KubeRequest): string {
  return `${request.method} ${request.path}`;
}
