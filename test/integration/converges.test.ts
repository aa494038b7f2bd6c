import { afterAll, beforeAll, expect, test } from 'vitest';
import { ObjectCache } from '../../src/cluster/object-cache.ts';
import { INSTANCES, PLAN_RUNS, ROLLOUTS } from '../../src/cluster/resources.ts';
import { startSandbox, type Sandbox } from '../../src/commands/start-sandbox.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import type { PlanRun } from '../../src/model/plan-run.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import type { Fault, RequestRecord } from '../../src/sandbox/faults.ts';
import { Chance } from '../fuzz/chance.ts';
import { GitPerson } from '../fakes/git-person.ts';
import { RandomFleet, type FleetGround } from '../fakes/random-fleet.ts';
import { RestartedService, type RefusedWrite } from '../fakes/restarted-service.ts';
import { liveScope } from '../fakes/scope.ts';
import { PROGRAM_FOLDER } from '../fakes/service-process.ts';
import { untilChanged } from '../fakes/until-changed.ts';

const SEED = Number(process.env['CONVERGES_SEED'] ?? 1);
const FLEETS = Number(process.env['CONVERGES_FLEETS'] ?? 2);
const SIZE = Number(process.env['CONVERGES_SIZE'] ?? 12);
const COMMITS = 3;
const MEDDLED_PERCENT = 15;
const WAIT_MS = 120_000;

const scope = liveScope();
const disturbed = new Set<string>();
let sandbox: Sandbox;
let service: RestartedService;
let ground: FleetGround;

beforeAll(async () => {
  const { PATH } = process.env;
  const context = { env: { PATH }, version: 'test', programFolder: PROGRAM_FOLDER };
  sandbox = await startSandbox({}, context, scope);
  const instances = new ObjectCache<Instance>({ client: sandbox.client, path: INSTANCES });
  const rollouts = new ObjectCache<Rollout>({ client: sandbox.client, path: ROLLOUTS });
  const planRuns = new ObjectCache<PlanRun>({ client: sandbox.client, path: PLAN_RUNS });
  const caches = [instances, rollouts, planRuns];
  for (const cache of caches) cache.start(scope);
  await Promise.all(caches.map(async ({ synced }) => synced));
  ground = { sandbox, person: await GitPerson.arrive(), instances, rollouts, planRuns, scope };
  service = new RestartedService(sandbox);
  await service.start();
});

afterAll(async () => {
  await service?.stop();
  await ground?.person.leave();
  scope.stop();
  await sandbox?.stop();
});

/**
 * Why: whatever a team commits, KUDO's admission must take each write of ours, and the cluster must come
 * to say what Git says, or the Rollout why not. Every fleet has its own random packages; the service is
 * ended and begun anew, its requests fail, and people write to Instances behind its back.
 */
test(
  `from a random state to a random state, ${String(COMMITS)} times, ${String(FLEETS * SIZE)} Instances (seed ${String(SEED)})`,
  { timeout: (FLEETS + 4) * WAIT_MS },
  async () => {
    const fleets = Array.from(
      { length: FLEETS },
      (_, index) => new RandomFleet(`f${String(index)}`, SIZE, SEED * 1_000 + index, ground),
    );
    sandbox.api.setFaults(someFaults(new Chance(SEED, 0)));
    await Promise.all(fleets.map(async (fleet) => fleet.create()));
    await settled(fleets);
    let judged = check(fleets);
    for (let round = 1; round <= COMMITS; round++) {
      await Promise.all(fleets.map(async (fleet) => playRound(fleet)));
      await service.stop();
      await service.start();
      await settled(fleets);
      judged += check(fleets);
    }
    sandbox.api.setFaults(undefined);
    await Promise.all(fleets.map(async (fleet) => fleet.commit(true)));
    await settled(fleets);
    judged += check(fleets);
    await cured(fleets);

    expect(service.refused.filter(isOurFault)).toEqual([]);
    const ended = fleets.map((fleet) => fleet.counts());
    const converged = ended.reduce((sum, { converged: count }) => sum + count, 0);
    expect({ judged, ended, enough: converged > (FLEETS * SIZE) / 5 }).toMatchObject({
      enough: true,
    });
    process.stderr.write(`${JSON.stringify({ judged, ended, refused: service.refused.length })}\n`);
  },
);

/** A commit, people's writes before and after the service has begun with it. */
async function playRound(fleet: RandomFleet): Promise<void> {
  await fleet.meddle(MEDDLED_PERCENT / 3);
  await fleet.commit(false);
  const begun = (): unknown => fleet.rollout;
  await untilChanged(`a Rollout of ${fleet.name}`, [ground.rollouts], begun, WAIT_MS);
  await fleet.meddle(MEDDLED_PERCENT);
}

/** Waits till every Instance is as Git says, or said not to be. */
async function settled(fleets: readonly RandomFleet[]): Promise<void> {
  const left = (): readonly string[] => fleets.flatMap((fleet) => fleet.unsettled());
  const none = (): true | undefined => left().length === 0 || undefined;
  const sources = [ground.rollouts, ground.instances, ground.planRuns];
  await untilChanged('all to be settled', sources, none, WAIT_MS).catch(() => undefined);
  if (left().length > 0 && process.env['CONVERGES_STORY']) {
    for (const fleet of fleets) process.stderr.write(`${fleet.story()}\n`);
  }
  expect(left()).toEqual([]);
}

/** After the last commit nothing makes a plan fail any more: those that failed before are run again. */
async function cured(fleets: readonly RandomFleet[]): Promise<void> {
  await Promise.all(fleets.map(async (fleet) => fleet.retry()));
  const left = (): readonly string[] => fleets.flatMap((fleet) => fleet.failedPlans());
  const none = (): true | undefined => left().length === 0 || undefined;
  await untilChanged('no failed plan', [ground.rollouts], none, WAIT_MS).catch(() => undefined);
  expect(left()).toEqual([]);
  await settled(fleets);
}

function check(fleets: readonly RandomFleet[]): number {
  const wasted = fleets.map((fleet) => fleet.wasted());
  expect(wasted.flatMap(({ complaints }) => complaints)).toEqual([]);
  expect(fleets.flatMap((fleet) => fleet.wrongRuns())).toEqual([]);
  return wasted.reduce((sum, { judged }) => sum + judged, 0);
}

/** One in twenty writes of the service fails: before it is carried out, or its answer is lost. */
function someFaults(chance: Chance): (request: RequestRecord) => Fault | undefined {
  const faults: readonly Fault[] = [
    { kind: 'status', code: 503, message: 'no time' },
    { kind: 'cut', when: 'before' },
    { kind: 'cut', when: 'after' },
  ];
  return ({ method, path, userAgent }) => {
    if (method === 'GET' || !userAgent.startsWith(RestartedService.userAgent)) return undefined;
    if (chance.below(100) >= 5) return undefined;
    const [, key] = /namespaces\/([^/]+\/instances(?:\/[^/?]+)?)/.exec(path) ?? [];
    if (key !== undefined) disturbed.add(key.replace('/instances/', '/'));
    return chance.of(faults);
  };
}

/** Refusals of a write that was decided on what the cluster had said shortly before are no fault of the planner. */
function isOurFault({ key, code, message }: RefusedWrite): boolean {
  if (code === 409 || code === 404 || code >= 500) return false;
  // A JSON patch tests what it was decided on; the API server says no more when that has changed.
  if (code === 422 && message.startsWith('the server rejected our request')) return false;
  return !disturbed.has(key) || !/scheduled/.test(message);
}
