import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLLOUTS, SYNCS } from '../../src/cluster/resources.ts';
import { commandLine } from '../fakes/command-line.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { instanceFile, tinyFiles } from '../fakes/tiny-operator.ts';

const REF = 'refs/notes/kudo-gitops';

let world: ServiceWorld;

beforeAll(async () => {
  world = await ServiceWorld.start();
});

afterAll(async () => {
  await world.stop();
});

function expectSoon<T>(look: () => Promise<T> | T) {
  return expect.poll(look, { timeout: 20_000, interval: 100 });
}

/** What `git notes` prints of a commit in a fresh clone. */
async function noteOf(fleet: Fleet, commit: string): Promise<string> {
  await fleet.git('fetch', '--quiet', 'origin', `+${REF}:${REF}`).catch(() => undefined);
  return fleet.git('notes', '--ref=kudo-gitops', 'show', commit).catch(() => 'none');
}

const isNoted = (fleet: Fleet, commit: string) => (): boolean | undefined =>
  fleet.rollouts(commit).at(-1)?.status?.noted;

const lookRequests = ({ name }: Fleet): number =>
  world.sandbox.git.faults.count(new RegExp(`^POST /shop/${name}\\.git/git-upload-pack`));

/** Pushes that came so far as to send something. */
const pushes = ({ name }: Fleet): number =>
  world.sandbox.git.faults.count(new RegExp(`^POST /shop/${name}\\.git/git-receive-pack`));

test('how a commit ended stands in the repository, outlives the cluster, and is pushed once', async () => {
  const fleet = await world.fleet(tinyFiles({ orders: {} }));
  await fleet.sync({ notes: true });
  const commit = await fleet.head();
  await expectSoon(isNoted(fleet, commit)).toBe(true);
  const [rollout] = fleet.rollouts(commit);
  const note = JSON.parse(await noteOf(fleet, commit)) as Record<string, unknown>;
  expect(note).toMatchObject({
    key: `test/${fleet.name}/${rollout?.metadata.name ?? ''}`,
    uid: rollout?.metadata.uid,
    status: {
      phase: 'succeeded',
      changes: rollout?.status?.changes,
    },
  });
  expect(note['status']).not.toHaveProperty('outbox');

  const second = await fleet.pushed(
    { 'shop/orders.yaml': instanceFile('orders', { TEXT: 'two' }) },
    'Another text',
  );
  await expectSoon(isNoted(fleet, second)).toBe(true);
  const pushed = pushes(fleet);
  const looks = lookRequests(fleet);
  await expectSoon(() => lookRequests(fleet)).toBeGreaterThan(looks + 2);
  expect(pushes(fleet)).toBe(pushed);

  const history = commandLine(world.sandbox.kubeconfig);
  const before = await history('history', 'orders', '-n', fleet.name);
  expect(before.out).not.toContain('no longer has');
  await fleet.patch(SYNCS, fleet.name, { spec: { suspend: true } });
  await expectSoon(() => fleet.ready()).toMatch(/Suspended/);
  for (const { metadata } of [...fleet.rollouts(commit), ...fleet.rollouts(second)]) {
    // oxlint-disable-next-line no-await-in-loop
    await fleet.remove(ROLLOUTS, metadata.name);
  }
  const after = await history('history', 'orders', '-n', fleet.name);
  expect(after.err).toBe('');
  expect(after.out).toBe(
    `${before.out}\n2 rollouts that the cluster no longer has: as told by ${REF} of the repository\n`,
  );
  expect(after.out).toMatch(/✔ plan deploy succeeded/);

  const gitless = commandLine(world.sandbox.kubeconfig, { PATH: '/nonexistent' });
  const without = await gitless('history', 'orders', '-n', fleet.name);
  expect(without.code).toBe(0);
  expect(without.out).toContain('created at tiny-1.0.0');
  expect(without.out).not.toContain('no longer has');
  expect(without.err).toMatch(/^warning: .*notes.*program git cannot be run.*install git/);
  await fleet.leave();
});

test('a repository that takes no notes is a warning of the Sync, not of the rollout, and is made up for later', async () => {
  const fleet = await world.fleet(tinyFiles({ orders: {} }));
  world.sandbox.git.faults.add({
    match: new RegExp(`${fleet.name}\\.git.*receive-pack`),
    status: 403,
  });
  await fleet.sync({ notes: true });
  const commit = await fleet.head();
  await expectSoon(() => fleet.ready()).toMatch(/^True Succeeded/);
  await expectSoon(async () => (await fleet.conditions())['NotesPending']).toMatch(
    /^True NotPushed: .* 403.*must be allowed to push refs\/notes\/kudo-gitops/,
  );
  expect(await fleet.ready()).toMatch(/^True Succeeded/);
  expect(isNoted(fleet, commit)()).toBeUndefined();

  world.sandbox.git.faults.clear();
  await expectSoon(isNoted(fleet, commit)).toBe(true);
  await expectSoon(async () => (await fleet.conditions())['NotesPending']).toBeUndefined();
  expect(await noteOf(fleet, commit)).toContain('"phase":"succeeded"');
  await fleet.leave();
});

test('a Sync that does not ask for notes pushes none, and notes what it has once it asks', async () => {
  const fleet = await world.fleet(tinyFiles({ orders: {} }));
  await fleet.sync();
  const commit = await fleet.head();
  await expectSoon(() => fleet.ready()).toMatch(/^True Succeeded/);
  expect(pushes(fleet)).toBe(0);
  await fleet.patch(SYNCS, fleet.name, { spec: { notes: true } });
  await expectSoon(isNoted(fleet, commit)).toBe(true);
  expect(await noteOf(fleet, commit)).toContain('"sync"');
  await fleet.leave();
});
