import type { Readable } from 'node:stream';
import * as z from 'zod';
import { Failure } from '../lib/failure.ts';
import { jsonOrUndefined } from '../lib/json-or-undefined.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { WatchEvent } from './kube-client.ts';
import { errorFromWatchEvent } from './kube-status.ts';
import { unreachable } from './kube-transport.ts';

export interface WatchStreamLimits {
  /** `GET /apis/…`, for messages. */
  readonly request: string;
  readonly server: string;
  readonly maxEventBytes: number;
  /** Longest time without a byte; then the connection is half-open as far as anyone can tell. */
  readonly silenceMs: number;
}

const Event = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.looseObject({}),
});

/**
 * The events in the body of a watch, one JSON object a line, until the body ends.
 *
 * @throws {KubeError} what an ERROR event says: 410 when the resourceVersion is too old
 * @throws {Failure} `unreachable` when the connection breaks or talks nonsense, `timeout` after too long a silence
 */
export async function* readWatchEvents<T extends KubeObject>(
  body: Readable,
  limits: WatchStreamLimits,
  scope: Scope,
): AsyncGenerator<WatchEvent<T>, void> {
  const watchdog = startWatchdog(body, limits, scope);
  try {
    for await (const line of readLines(body, limits, watchdog.heard)) {
      const { type, object } = parseEvent(line, limits);
      if (type === 'ERROR') throw errorFromWatchEvent(object, limits.request);
      yield { type, object: object as unknown as T };
    }
  } catch (thrown) {
    scope.signal.throwIfAborted();
    throw unreachable(limits.server, thrown);
  } finally {
    watchdog.stop();
    body.destroy();
  }
}

/** Destroys `body` once nothing was `heard` for the allowed time. */
function startWatchdog(
  body: Readable,
  limits: WatchStreamLimits,
  scope: Scope,
): { heard: () => void; stop: () => void } {
  const stop = new AbortController();
  let lastHeardAt = scope.clock.now();
  const watch = async (): Promise<void> => {
    for (;;) {
      const quietMs = scope.clock.now() - lastHeardAt;
      if (quietMs >= limits.silenceMs) break;
      await scope.clock.sleep(limits.silenceMs - quietMs, stop.signal);
    }
    const message = `nothing came over ${limits.request} of ${limits.server} for ${limits.silenceMs / 1_000} s`;
    body.destroy(new Failure('timeout', message));
  };
  watch().catch(() => undefined);
  return {
    heard: () => {
      lastHeardAt = scope.clock.now();
    },
    stop: () => {
      stop.abort();
    },
  };
}

const LINE_END = 10;

async function* readLines(
  body: Readable,
  limits: WatchStreamLimits,
  onChunk: () => void,
): AsyncGenerator<string, void> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    onChunk();
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, start)) {
      const line = Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8');
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > limits.maxEventBytes) {
      const message = `an event of ${limits.request} exceeds ${limits.maxEventBytes} bytes`;
      throw new Failure('invalid', message);
    }
  }
}

function parseEvent(line: string, limits: WatchStreamLimits): z.infer<typeof Event> {
  const event = Event.safeParse(jsonOrUndefined(line));
  if (event.success) return event.data;
  throw new Failure('unreachable', `${limits.request} sent something that is not a watch event`);
}
