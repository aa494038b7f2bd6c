import type { KubeClient } from '../cluster/kube-client.ts';
import { CONFIG_MAPS, INSTANCES, pathOf, SYNCS } from '../cluster/resources.ts';
import type { Instance } from '../kudo/objects.ts';
import { runningPlan } from '../kudo/plan-status.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import type { Sync } from '../model/sync.ts';
import { readSettings } from '../reconcile/sync-settings.ts';
import type { ByHand, Edit } from './scenario.ts';
import type { ScenarioWorld } from './scenario-world.ts';

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

const WORDS = /\{\{(head|repository|running ([^}]+))\}\}/g;

/**
 * The edits with what is known only as they are made: the uids of the plans that run, the commit before and
 * the repository.
 *
 * @throws {Failure} `missing` when no plan runs there
 */
export async function withWorld(
  edits: readonly Edit[],
  world: ScenarioWorld,
  scope: Scope,
): Promise<readonly Edit[]> {
  const values = new Map<string, string>();
  for (const [text, word = '', name] of edits.flatMap(({ to }) => [
    ...(to ?? '').matchAll(WORDS),
  ])) {
    const value =
      name === undefined
        ? await (word === 'head' ? world.worktree.git('rev-parse', 'HEAD') : urlIn(world, scope))
        : await uidOfPlan(name, world, scope);
    values.set(text, value);
  }
  return edits.map((edit) => ({
    ...edit,
    to: edit.to && edit.to.replaceAll(WORDS, (text) => values.get(text) ?? text),
  }));
}

async function urlIn({ client, sync }: ScenarioWorld, scope: Scope): Promise<string> {
  return readSettings(await client.get<Sync>(pathOf(SYNCS, sync), scope)).url;
}

async function uidOfPlan(name: string, { client }: ScenarioWorld, scope: Scope): Promise<string> {
  const instance = await client.get<Instance>(pathOf(INSTANCES, keyIn(name)), scope);
  const uid = runningPlan(instance)?.uid;
  if (uid === undefined) throw new Failure('missing', `no plan runs on ${name}`);
  return uid;
}

function keyIn(text: string): ObjectKey {
  if (!/^[^/]+\/[^/]+$/.test(text)) throw new Failure('invalid', `${text}: write namespace/name`);
  return text as ObjectKey;
}
