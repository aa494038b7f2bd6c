import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { SYNCS } from '../../src/cluster/resources.ts';
import type { Sync } from '../../src/model/sync.ts';
import { type Fleet, ServiceWorld } from '../fakes/service-world.ts';
import { tinyFiles } from '../fakes/tiny-operator.ts';

let world: ServiceWorld;
let fleet: Fleet;

beforeAll(async () => {
  world = await ServiceWorld.start();
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  fleet = await world.fleet();
});
afterEach(async () => {
  await fleet.leave();
});

const SOON = { timeout: 20_000, interval: 50 };

/** Commits on main and tags it; an existing tag is moved. */
async function release(tag: string, value: string): Promise<string> {
  const oid = await fleet.commit(tinyFiles({ app: { COLOUR: value } }), `release ${tag}`);
  await fleet.git('tag', '--force', '--annotate', '--message', tag, tag);
  await fleet.git('push', '--quiet', '--force', 'origin', 'HEAD:main', tag);
  fleet.lookNow();
  return oid;
}

async function applied(): Promise<string | undefined> {
  const path = { ...SYNCS, namespace: fleet.name, name: fleet.name };
  const { status } = await world.sandbox.client.get<Sync>(path, world.scope);
  return status?.lastAppliedRevision;
}

async function colour(): Promise<string | undefined> {
  return (await fleet.instance('app'))?.spec?.parameters?.['COLOUR'];
}

test('a Sync follows the highest tag of a range, and nothing that comes after it', async () => {
  const first = await release('v1.0.0', 'red');
  await release('v2.0.0', 'green');
  await fleet.sync({ ref: { branch: 'main', semver: '1.x' } });
  await expect.poll(applied, SOON).toBe(`v1.0.0@sha1:${first}`);
  expect(await colour()).toBe('red');

  const patch = await release('v1.0.1', 'blue');
  await expect.poll(applied, SOON).toBe(`v1.0.1@sha1:${patch}`);
  expect(await colour()).toBe('blue');
  expect(fleet.rollouts(patch).map(({ spec }) => spec.revision)).toEqual([`v1.0.1@sha1:${patch}`]);
});

test('a tag that is moved is followed like a branch', async () => {
  const before = await release('prod', 'red');
  await fleet.sync({ ref: { tag: 'prod' } });
  await expect.poll(applied, SOON).toBe(`prod@sha1:${before}`);

  const after = await release('prod', 'green');
  await expect.poll(applied, SOON).toBe(`prod@sha1:${after}`);
  expect(await colour()).toBe('green');
  await expect
    .poll(() => fleet.status(after), SOON)
    .toBe('success: 1 change: app COLOUR red → green');
});

test('a pinned commit stays, whatever the branch does, and must be on the branch that is named', async () => {
  const pinned = await release('v1.0.0', 'red');
  await release('v2.0.0', 'green');
  await fleet.sync({ ref: { branch: 'main', commit: pinned } });
  await expect.poll(applied, SOON).toBe(`main@sha1:${pinned}`);
  expect(await colour()).toBe('red');

  await fleet.git('checkout', '--quiet', '-b', 'other');
  const stranger = await fleet.commit(tinyFiles({ app: { COLOUR: 'blue' } }), 'elsewhere');
  await fleet.git('push', '--quiet', 'origin', 'HEAD:refs/heads/other');
  await fleet.patch(SYNCS, fleet.name, { spec: { ref: { commit: stranger } } });
  await expect
    .poll(() => fleet.ready(), SOON)
    .toMatch(new RegExp(`^False NotFound: commit ${stranger} is not on .*main`));
  expect(await colour()).toBe('red');
});

test('a range that no tag is in stops nothing, and says so', async () => {
  await release('v1.0.0', 'red');
  await fleet.sync({ ref: { semver: '>=3' } });
  await expect
    .poll(() => fleet.ready(), SOON)
    .toMatch(/^False NotFound: .* has no tag in the range >=3 \(push such a tag/);
});
