import type { KubeClient } from '../cluster/kube-client.ts';
import { eventObject, secondsText, type EventText } from '../cluster/kube-event.ts';
import { EVENTS } from '../cluster/resources.ts';
import { messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { Instance } from '../kudo/objects.ts';

const MAX_UNSENT = 100;

/** Sends Events about Instances without anybody waiting for them; like KUDO's they may get lost. */
export class PlanEvents {
  readonly #client: KubeClient;
  readonly #scope: Scope;
  readonly #unsent = new Set<Promise<void>>();
  #count = 0;

  constructor(client: KubeClient, scope: Scope) {
    this.#client = client;
    this.#scope = scope;
  }

  /** Sends `event`, unless too many are under way. */
  record(instance: Instance, event: EventText): void {
    if (this.#unsent.size >= MAX_UNSENT) return;
    const sending = this.#send(instance, event);
    this.#unsent.add(sending);
    void sending.finally(() => this.#unsent.delete(sending));
  }

  /** Resolves when all that was recorded is sent or lost. */
  async settled(): Promise<void> {
    await Promise.all(this.#unsent);
  }

  async #send(instance: Instance, event: EventText): Promise<void> {
    const { namespace = '', name } = instance.metadata;
    this.#count += 1;
    const at = this.#scope.clock.now();
    const unique = `${at.toString(16)}${this.#count.toString(16)}`;
    try {
      await this.#client.create(
        { ...EVENTS, namespace },
        eventObject(instance, event, {
          name: `${name}.${unique}`,
          at: secondsText(at),
          component: 'instance-controller',
        }),
        {},
        this.#scope,
      );
    } catch (thrown) {
      this.#scope.log.debug('event lost', { reason: event.reason, why: messageOf(thrown) });
    }
  }
}
