import type { KubeClient } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import { EVENTS, INSTANCES, ROLLOUTS } from '../cluster/resources.ts';
import type { Instance } from '../kudo/objects.ts';
import type { Scope } from '../lib/scope.ts';
import { withAuthorsOnly } from '../model/field-author.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Rollout } from '../model/rollout.ts';
import { mayQuoteFormer, NOT_SHOWN } from '../plan/former-secrets.ts';
import { maskSecrets } from '../plan/mask-secrets.ts';
import {
  eventHappenings,
  rolloutHappenings,
  type Happening,
  type KubeEvent,
} from './happenings.ts';
import { followSecretValues, type InstanceSecrets } from './instance-secrets.ts';
import { requireLists } from './require-lists.ts';

/** What happened so far, and what goes on to happen. */
export interface Happenings {
  /** In no order. */
  all(): readonly Happening[];
  /** Calls `tell` with what is new since `all`, until the scope stops. */
  follow(tell: (more: readonly Happening[]) => void): void;
}

/** Reads Events and Rollouts of a namespace, or of all of them, and follows them until the scope stops. */
export async function openHappenings(
  client: KubeClient,
  namespace: string | undefined,
  scope: Scope,
): Promise<Happenings> {
  const events = new ObjectCache<KubeEvent>({ client, path: { ...EVENTS, namespace } });
  const rollouts = new ObjectCache<Rollout>({ client, path: { ...ROLLOUTS, namespace } });
  const instances = new ObjectCache<Instance>(
    { client, path: { ...INSTANCES, namespace } },
    { keepManagedFields: withAuthorsOnly },
  );
  await requireLists([INSTANCES, ROLLOUTS, EVENTS], namespace, client, scope);
  const secretsOf = await followSecretValues(client, scope);
  instances.start(scope);
  await instances.synced;
  events.start(scope);
  rollouts.start(scope);
  await Promise.all([events.synced, rollouts.synced]);
  const ofEvent = (event: KubeEvent): readonly Happening[] =>
    eventHappenings(event, (key: ObjectKey, saidAt) => {
      const instance = instances.get(key);
      return instance ? maskFor(instance, saidAt, secretsOf(instance)) : (text) => text;
    });
  const news = notSeenBefore();
  return {
    all: () =>
      news([...events.list().flatMap(ofEvent), ...rollouts.list().flatMap(rolloutHappenings)]),
    follow: (tell) => {
      events.onChange((_, event) => {
        if (event) tell(news(ofEvent(event)));
      });
      rollouts.onChange((_, rollout) => {
        if (rollout) tell(news(rolloutHappenings(rollout)));
      });
    },
  };
}

function maskFor(
  instance: Instance,
  saidAt: string | undefined,
  { values, areThere }: InstanceSecrets,
): (text: string) => string {
  const isFormer = areThere && saidAt !== undefined && mayQuoteFormer(instance, saidAt);
  return (text) => (isFormer ? NOT_SHOWN : maskSecrets(text, values));
}

/** A filter that lets each happening pass once. */
function notSeenBefore(): (found: readonly Happening[]) => readonly Happening[] {
  const seen = new Set<string>();
  return (found) =>
    found.filter((one) => {
      const id = JSON.stringify(one);
      const isNew = !seen.has(id);
      seen.add(id);
      return isNew;
    });
}
