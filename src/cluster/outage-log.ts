import { Failure, messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeClient } from './kube-client.ts';

/** A watch that failed. */
export interface WatchFailure {
  readonly resource: string;
  /** How often in a row. */
  readonly failures: number;
  readonly error: Error;
}

interface Outage {
  /** Undefined while there is none. */
  since: number | undefined;
  saidAt: number | undefined;
  /** Not to be said again before. */
  quietUntil: number;
}

const FIRST_REPEAT_MS = 10_000;
const REPEAT_MS = 60_000;

/**
 * Says once that an API server is gone, however many watches notice: a warning at first, an error
 * after 10 s and then once a minute, and that it is back. Trouble with one resource is said apart.
 */
export class OutageLog {
  readonly #server: string;
  readonly #outages = new Map<string, Outage>();

  constructor(server: string) {
    this.#server = server;
  }

  failed({ resource, failures, error }: WatchFailure, { log, clock }: Scope): void {
    const reason = messageOf(error);
    log.debug('watch failed', { resource, failures, reason });
    const isGone = !(error instanceof Failure) || GONE.has(error.kind);
    const outage = this.#outage(isGone ? SERVER : resource);
    const now = clock.now();
    outage.since ??= now;
    if (now < outage.quietUntil) return;
    const isFirst = outage.saidAt === undefined;
    outage.saidAt = now;
    outage.quietUntil = now + (isFirst ? FIRST_REPEAT_MS : REPEAT_MS);
    const seconds = Math.round((now - outage.since) / 1_000);
    const fields = { server: this.#server, reason, seconds, hint: hintFor(error) };
    const [message, more] = isGone
      ? ['the API server cannot be reached', fields]
      : ['a resource cannot be watched', { ...fields, resource }];
    log[isFirst ? 'warn' : 'error'](message, more);
  }

  /** To be called by a watch that had failed and works again. */
  recovered(resource: string, { log, clock }: Scope): void {
    for (const name of [SERVER, resource]) {
      const outage = this.#outage(name);
      const { since, saidAt } = outage;
      if (since === undefined) continue;
      outage.since = undefined;
      outage.saidAt = undefined;
      if (saidAt === undefined) continue;
      outage.quietUntil = saidAt + REPEAT_MS;
      const seconds = Math.round((clock.now() - since) / 1_000);
      log.info('the API server answers again', { server: this.#server, resource, seconds });
    }
  }

  #outage(name: string): Outage {
    const known = this.#outages.get(name);
    const outage = known ?? { since: undefined, saidAt: undefined, quietUntil: 0 };
    if (!known) this.#outages.set(name, outage);
    return outage;
  }
}

/** The log that all watches of a client share. */
export function outageLogOf(client: KubeClient): OutageLog {
  const known = LOGS.get(client);
  const log = known ?? new OutageLog(client.server);
  if (!known) LOGS.set(client, log);
  return log;
}

const LOGS = new WeakMap<KubeClient, OutageLog>();

/** Stands for the server as a whole; no resource has this name. */
const SERVER = '';
const GONE: ReadonlySet<string> = new Set(['unreachable', 'timeout']);

function hintFor(error: Error): string {
  const kind = error instanceof Failure ? error.kind : 'unreachable';
  if (kind === 'denied') return 'check the token and the role of this service; it is tried again';
  if (kind === 'missing') {
    return 'install KUDO (kudo-gitops engine install) and deploy/crds; it is tried again';
  }
  return 'it is tried again until it answers; check the address in the kubeconfig and the network';
}
