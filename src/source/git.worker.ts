import { parentPort, workerData } from 'node:worker_threads';
import { Failure, messageOf } from '../lib/failure.ts';
import type { LogFields, Logger, LogLevel } from '../lib/log.ts';
import { systemClock, type Scope } from '../lib/scope.ts';
import { createMirrorGitSource, type MirrorOptions } from './mirror-git-source.ts';
import type { WorkerAnswer, WorkerRequest } from './worker-messages.ts';

/** The thread that talks to Git servers and unpacks what they send. */
const source = createMirrorGitSource(workerData as MirrorOptions);
const running = new Map<number, AbortController>();

parentPort?.on('message', (request: WorkerRequest) => {
  if ('cancel' in request) running.get(request.cancel)?.abort();
  else void answer(request);
});

async function answer(request: Exclude<WorkerRequest, { cancel: number }>): Promise<void> {
  const { id, operation, args } = request;
  const controller = new AbortController();
  running.set(id, controller);
  const scope: Scope = { signal: controller.signal, clock: systemClock, log: forwardingLog({}) };
  try {
    const run = source[operation].bind(source) as (...all: unknown[]) => Promise<unknown>;
    post({ id, value: await run(...args, scope) });
  } catch (thrown) {
    post(answerTo(id, thrown));
  } finally {
    running.delete(id);
  }
}

function answerTo(id: number, thrown: unknown): WorkerAnswer {
  if (!(thrown instanceof Failure)) {
    return { id, bug: thrown instanceof Error ? thrown : new Error(messageOf(thrown)) };
  }
  const { kind, message, hint, retryAfterMs } = thrown;
  return { id, failure: { kind, message, hint, retryAfterMs } };
}

function post(message: WorkerAnswer): void {
  parentPort?.postMessage(message, []);
}

function forwardingLog(more: LogFields): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    post({ level, message, fields: { ...more, ...fields } });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => forwardingLog({ ...more, ...fields }),
  };
}
