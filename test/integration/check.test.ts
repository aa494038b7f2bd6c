import { afterAll, beforeAll, expect, it } from 'vitest';
import { KUDO_WEBHOOK } from '../../src/cluster/kudo-install.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, MUTATING_WEBHOOKS } from '../../src/cluster/resources.ts';
import { commandLine, type CommandResult } from '../fakes/command-line.ts';
import { type Fleet, ServiceWorld } from '../fakes/service-world.ts';
import { tinyFiles } from '../fakes/tiny-operator.ts';

let world: ServiceWorld;
let fleet: Fleet;
let kudoGitops: (...args: string[]) => Promise<CommandResult>;

beforeAll(async () => {
  world = await ServiceWorld.start();
  fleet = await world.fleet(tinyFiles({ app: {} }));
  await fleet.sync();
  kudoGitops = commandLine(world.sandbox.kubeconfig);
  await kudoGitops('wait', fleet.name, '-n', fleet.name);
});

afterAll(async () => {
  await fleet.leave();
  await world.stop();
});

interface Checked {
  readonly check: string;
  readonly state: string;
  readonly detail: string;
}

async function check(): Promise<readonly Checked[]> {
  return JSON.parse((await kudoGitops('check', '-o', 'json')).out) as Checked[];
}

const bad = (checks: readonly Checked[]): readonly string[] =>
  checks.filter(({ state }) => state === 'bad').map(({ check: name }) => name);

it('check sees where the statuses lead', async () => {
  expect(await check()).toContainEqual({
    check: `sync/${fleet.name}/${fleet.name} links`,
    state: 'good',
    detail: 'statuses lead to http://pages.example',
  });
});

it('check sees that statuses are taken, and that the Lease may be held', async () => {
  const checks = await check();
  expect(checks.find(({ check: name }) => name.endsWith(' statuses'))).toEqual({
    check: `sync/${fleet.name}/${fleet.name} statuses`,
    state: 'good',
    detail: expect.stringMatching(/^those of rollout\/.* were taken$/) as string,
  });
  expect(checks.find(({ check: name }) => name === 'lease')).toEqual({
    check: 'lease',
    state: 'good',
    detail: 'this user may hold kudo-gitops/kudo-gitops',
  });
});

it('check sees definitions that are older than this program', async () => {
  const path = { ...CUSTOM_RESOURCE_DEFINITIONS, name: 'planruns.gitops.kudo.dev' };
  const spec = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/when';
  const { client } = world.sandbox;
  await client.patch(path, { type: 'json', body: [{ op: 'remove', path: spec }] }, world.scope);
  const checks = await check();
  expect(bad(checks)).toEqual(['our resources']);
  expect(checks.find(({ state }) => state === 'bad')?.detail).toBe('missing: PlanRun.spec.when');
});

it('check sees that nobody judges Instances', async () => {
  const path = { ...MUTATING_WEBHOOKS, name: KUDO_WEBHOOK };
  await world.sandbox.client.delete(path, {}, world.scope);
  const found = await kudoGitops('check');
  expect(found.code).toBe(1);
  expect(found.out).toMatch(/^BAD webhook +not registered: changed Instances run no plan$/m);
  expect(found.out).toMatch(/^BAD admission +nobody judges Instances: it schedules no plan$/m);
});
