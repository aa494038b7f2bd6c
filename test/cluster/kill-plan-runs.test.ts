import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { queueFiles } from '../fakes/ask-for-plans.ts';
import { playKilledRuns, wrongAmongRuns } from '../fakes/killed-plan-runs.ts';
import { liveScope } from '../fakes/scope.ts';
import { startStoryCluster, type StoryCluster } from './story-cluster.ts';

const SEED = Number(process.env['KILL_SEED'] ?? 1);
const RUNS = Number(process.env['KILL_PLAN_RUNS'] ?? 12);
const KILLS = RUNS / 2;

const scope = liveScope();
let world: StoryCluster;

beforeAll(async () => {
  world = await startStoryCluster(queueFiles(), { workloads: false });
});

afterAll(async () => {
  scope.stop();
  await world?.cluster.stop();
});

/** Why: for a moment after a plan KUDO shows neither that it runs nor how it ended; a service that starts then must not run it again. */
it(
  `runs ${String(RUNS)} one-shot plans exactly once under ${String(KILLS)} kills, with KUDO (seed ${String(SEED)})`,
  { timeout: (240 + RUNS * 40) * 1_000 },
  async () => {
    const { client, cluster, gitea: forge, repository, serviceKubeconfig: kubeconfig } = world;
    const dir = await mkdtemp(join(cluster.dir, 'kill-'));
    const stage = { dir, client, kubeconfig, forge, repository };
    const wish = { runs: RUNS, kills: KILLS, seed: SEED };
    const story = await playKilledRuns(wish, stage, scope);
    expect(wrongAmongRuns(story, wish)).toEqual([]);
  },
);
