import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { Sync } from '../model/sync.ts';
import type { WebWorld } from './web-world.ts';

/** How long a secret is used before it is read again; a new one is taken after that time at the latest. */
const FRESH_MS = 30_000;

const MAX_KNOWN = 1_000;

interface Known {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly readAt: number;
  readonly secret: Promise<string | undefined>;
}

/** Webhook secrets of Syncs. Deliveries come from anybody, so they must not cost the API server a read each. */
export class WebhookSecrets {
  readonly #read: WebWorld['webhookSecret'];
  readonly #known = new Map<ObjectKey, Known>();

  constructor(read: WebWorld['webhookSecret']) {
    this.#read = read;
  }

  /** Undefined when the Sync has none, or it could not be read. */
  of(sync: Sync, scope: Scope): Promise<string | undefined> {
    const key = keyOf(sync);
    const { uid, generation } = sync.metadata;
    const now = scope.clock.now();
    const known = this.#known.get(key);
    const isOfThisSpec = known?.uid === uid && known?.generation === generation;
    if (known && isOfThisSpec && now - known.readAt < FRESH_MS) return known.secret;
    const secret = this.#read(sync, scope).catch((error: unknown) => {
      scope.log.warn('webhook secret not read', { sync: key, error });
      return undefined;
    });
    this.#known.delete(key);
    this.#known.set(key, { uid, generation, readAt: now, secret });
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > MAX_KNOWN) this.#known.delete(oldest);
    return secret;
  }
}
