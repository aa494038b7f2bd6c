import type { Api } from './api-context.ts';
import { ApiError } from './api-error.ts';
import type { StoreEvent } from './store.ts';

/** Something that looks at the cluster whenever a key of its own is touched, and moves it on. */
export interface Controller {
  readonly name: string;
  /** The keys that a write touches. Called for every write, before anything else happens. */
  readonly keysOf: (event: StoreEvent) => readonly string[];
  /** Looks at one key. Says in how many milliseconds it wants to look again, if it does. */
  readonly reconcile: (key: string) => Promise<number | undefined>;
}

const RETRY_MS = 1_000;

/** Runs a controller until the server stops; each key is looked at by one pass at a time. */
export function runController(controller: Controller, api: Api): void {
  const { signal, clock, log } = api.scope;
  const waiting = new Set<string>();
  let isRunning = false;

  const add = (key: string): void => {
    waiting.add(key);
    if (isRunning) return;
    isRunning = true;
    queueMicrotask(() => void drain());
  };
  const later = (key: string, ms: number): void => {
    const wait = async (): Promise<void> => {
      await clock.sleep(ms, signal);
      add(key);
    };
    wait().catch(() => undefined);
  };
  const pass = async (key: string): Promise<void> => {
    try {
      const againMs = await controller.reconcile(key);
      if (againMs !== undefined) later(key, againMs);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) {
        log.error('a sandbox controller failed', {
          controller: controller.name,
          key,
          error: thrown,
        });
      }
      later(key, RETRY_MS);
    }
  };
  const drain = async (): Promise<void> => {
    for (const key of waiting) {
      if (signal.aborted) break;
      waiting.delete(key);
      await pass(key);
    }
    isRunning = false;
  };
  const stop = api.store.subscribe((event) => {
    for (const key of controller.keysOf(event)) add(key);
  });
  signal.addEventListener('abort', stop, { once: true });
}
