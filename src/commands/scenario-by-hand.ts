import type { KubeClient } from '../cluster/kube-client.ts';
import { CONFIG_MAPS, INSTANCES, pathOf, SYNCS } from '../cluster/resources.ts';
import type { Instance } from '../kudo/objects.ts';
import { runningPlan } from '../kudo/plan-status.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import type { ByHand, Edit } from './scenario.ts';

/** Does what a step's `byHand` says, as a person with kubectl would. */
export async function doByHand(wish: ByHand, client: KubeClient, scope: Scope): Promise<void> {
  for (const [instance, parameters] of Object.entries(wish.set ?? {})) {
    const patch = { type: 'merge', body: { spec: { parameters } } } as const;
    await client.patch(pathOf(INSTANCES, keyIn(instance)), patch, scope);
  }
  if (wish.delete !== undefined) {
    await client.delete(pathOf(INSTANCES, keyIn(wish.delete)), {}, scope);
  }
  if (wish.obstruct) {
    const { namespace, name } = wish.obstruct;
    const metadata = { name, namespace, annotations: { made: 'by hand' } };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    await client.create({ ...CONFIG_MAPS, namespace }, body, {}, scope);
  }
  if (wish.clear) await client.delete({ ...CONFIG_MAPS, ...wish.clear }, {}, scope);
}

/** Asks a Sync to run failed plans again, as `kudo-gitops plan retry` does. */
export async function askForRetry(
  target: string,
  sync: ObjectKey,
  client: KubeClient,
  scope: Scope,
): Promise<void> {
  const request = `${String(scope.clock.now())} ${target}`;
  const body = { metadata: { annotations: { [ANNOTATION.retry]: request } } };
  await client.patch(pathOf(SYNCS, sync), { type: 'merge', body }, scope);
}

const RUNNING = /\{\{running ([^}]+)\}\}/g;

/**
 * The edits with the uids of the plans that they speak of.
 *
 * @throws {Failure} `missing` when no plan runs there
 */
export async function withRunningPlans(
  edits: readonly Edit[],
  client: KubeClient,
  scope: Scope,
): Promise<readonly Edit[]> {
  const uids = new Map<string, string>();
  for (const [text, name = ''] of edits.flatMap(({ to }) => [...(to ?? '').matchAll(RUNNING)])) {
    const instance = await client.get<Instance>(pathOf(INSTANCES, keyIn(name)), scope);
    const uid = runningPlan(instance)?.uid;
    if (uid === undefined) throw new Failure('missing', `no plan runs on ${name}`);
    uids.set(text, uid);
  }
  return edits.map((edit) => ({
    ...edit,
    to: edit.to && edit.to.replaceAll(RUNNING, (text) => uids.get(text) ?? text),
  }));
}

function keyIn(text: string): ObjectKey {
  if (!/^[^/]+\/[^/]+$/.test(text)) throw new Failure('invalid', `${text}: write namespace/name`);
  return text as ObjectKey;
}
