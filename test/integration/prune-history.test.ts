import { afterAll, beforeAll, expect, it } from 'vitest';
import { REQUIRED_RULES } from '../../src/cluster/required-rules.ts';
import { ROLLOUT_PARTS, ROLLOUTS } from '../../src/cluster/resources.ts';
import { API_VERSION } from '../../src/model/names.ts';
import { pruneHistory } from '../../src/reconcile/prune-history.ts';
import { refusedBy } from '../fakes/refused-by.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';

const OPERATOR = `
apiVersion: kudo.dev/v1beta1
kind: Operator
metadata: { name: tiny }
`;

let world: ServiceWorld;
let fleet: Fleet;
beforeAll(async () => {
  world = await ServiceWorld.start();
  fleet = await world.fleet({ 'operator.yaml': OPERATOR });
  await fleet.sync({ historyLimit: 2 });
});
afterAll(async () => {
  await fleet.leave();
  await world.stop();
});

it('keeps the newest finished rollouts, as many as the Sync says, and what belongs to them', async () => {
  const commits = [await fleet.head()];
  await answered(commits[0]);
  for (const text of ['one', 'two', 'three']) {
    // oxlint-disable-next-line no-await-in-loop
    const oid = await fleet.pushed({ 'README.md': text }, text);
    // oxlint-disable-next-line no-await-in-loop
    await answered(oid);
    commits.push(oid);
  }
  const [oldest] = fleet.rollouts(commits[0] ?? '');
  await fleet.create(ROLLOUT_PARTS, {
    apiVersion: API_VERSION,
    kind: 'RolloutPart',
    metadata: {
      name: `${oldest?.metadata.name ?? ''}-p1`,
      ownerReferences: [
        {
          apiVersion: API_VERSION,
          kind: 'Rollout',
          name: oldest?.metadata.name,
          uid: oldest?.metadata.uid,
        },
      ],
    },
    spec: { rollout: oldest?.metadata.name, index: 1 },
  });
  const asked = world.sandbox.api.requests.length;

  const { client, view } = world.running.context;
  await pruneHistory({ client, caches: view.caches }, world.scope);

  await expect.poll(subjects).toEqual(['two', 'three']);
  await expect.poll(parts).toEqual([]);
  const requests = world.serviceRequests(asked).map((line) => {
    const [method = '', path = ''] = line.split(' ');
    return { method, path };
  });
  expect(requests.some(({ method }) => method === 'DELETE')).toBe(true);
  expect(refusedBy(REQUIRED_RULES, requests)).toEqual([]);

  await pruneHistory({ client, caches: view.caches }, world.scope);
  expect(await subjects()).toEqual(['two', 'three']);
});

async function answered(oid = ''): Promise<void> {
  await expect.poll(async () => fleet.status(oid), { timeout: 20_000 }).toMatch(/^success/);
  const isSent = (): boolean[] =>
    fleet.rollouts(oid).flatMap(({ status }) => (status?.outbox ?? []).map(({ sent }) => sent));
  await expect.poll(isSent, { timeout: 20_000 }).toEqual([true]);
}

async function subjects(): Promise<string[]> {
  const { client } = world.sandbox;
  const path = { ...ROLLOUTS, namespace: fleet.name };
  const { items } = await client.list<ReturnType<Fleet['rollouts']>[number]>(path, {}, world.scope);
  return items
    .toSorted((a, b) => a.spec.sequence - b.spec.sequence)
    .map(({ spec }) => spec.subject);
}

async function parts(): Promise<string[]> {
  const { client } = world.sandbox;
  const path = { ...ROLLOUT_PARTS, namespace: fleet.name };
  const { items } = await client.list(path, {}, world.scope);
  return items.map(({ metadata }) => metadata.name);
}
