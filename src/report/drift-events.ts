import { KubeError, type KubeClient } from '../cluster/kube-client.ts';
import { eventObject, secondsText, type EventText } from '../cluster/kube-event.ts';
import { EVENTS } from '../cluster/resources.ts';
import { messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { sha256 } from '../lib/sha256.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../model/kube-object.ts';
import { FIELD_MANAGER } from '../model/names.ts';

const MAX_UNSENT = 100;
const MAX_TOLD = 2_000;
/** As many Events about one object in so long; the conditions and the Rollouts tell the rest. */
const MAX_OF_ONE = 10;
const WINDOW_MS = 600_000;
const MAX_NAME = 200;

/**
 * Kubernetes Events about values that others changed. Nobody waits for them and they may get lost: the
 * same is in condition Drifted and in the Rollouts. The same news is one Event, whichever pass finds it
 * and however often the service starts anew: its name is a hash of what it is about.
 */
export class DriftEvents {
  readonly #client: KubeClient;
  readonly #scope: Scope;
  readonly #unsent = new Set<Promise<void>>();
  readonly #told = new Set<string>();
  readonly #spent = new Map<ObjectKey, { readonly since: number; count: number }>();

  constructor(client: KubeClient, scope: Scope) {
    this.#client = client;
    this.#scope = scope;
  }

  /**
   * Tells it once.
   *
   * @param identity of the news: what has the same was told; it is hashed and never shown
   */
  tell(object: KubeObject, event: EventText, identity: string): void {
    const hash = sha256([object.metadata.uid, event.reason, identity].join('\n'));
    const name = `${object.metadata.name.slice(0, MAX_NAME)}.${hash.slice(0, 16)}`;
    if (this.#told.has(name) || this.#unsent.size >= MAX_UNSENT) return;
    if (!this.#mayTellOf(keyOf(object))) return;
    this.#remember(name);
    const sending = this.#send(object, event, name);
    this.#unsent.add(sending);
    void sending.finally(() => this.#unsent.delete(sending));
  }

  /** Resolves when all that was told is sent or lost. */
  async settled(): Promise<void> {
    await Promise.all(this.#unsent);
  }

  #mayTellOf(key: ObjectKey): boolean {
    const now = this.#scope.clock.now();
    for (const [known, { since }] of this.#spent) {
      if (now - since >= WINDOW_MS) this.#spent.delete(known);
    }
    const spent = this.#spent.get(key) ?? { since: now, count: 0 };
    if (spent.count >= MAX_OF_ONE) return false;
    spent.count += 1;
    this.#spent.set(key, spent);
    return true;
  }

  #remember(name: string): void {
    this.#told.add(name);
    const [oldest] = this.#told;
    if (oldest !== undefined && this.#told.size > MAX_TOLD) this.#told.delete(oldest);
  }

  async #send(object: KubeObject, event: EventText, name: string): Promise<void> {
    const { namespace = '' } = object.metadata;
    const at = secondsText(this.#scope.clock.now());
    const body = eventObject(object, event, { name, at, component: FIELD_MANAGER });
    try {
      await this.#client.create({ ...EVENTS, namespace }, body, {}, this.#scope);
    } catch (thrown) {
      if (thrown instanceof KubeError && thrown.code === 409) return;
      this.#scope.log.debug('event lost', { reason: event.reason, why: messageOf(thrown) });
    }
  }
}
