import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLLOUTS } from '../../src/cluster/resources.ts';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import { playScenario } from '../../src/commands/play-scenario.ts';
import { readScenario, type Scenario } from '../../src/commands/scenario.ts';
import { openForge, type OpenForge } from '../../src/forge/forge-registry.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import { createFleetSync, FLEET, FLEET_CONTEXT } from '../fakes/fleet-sync.ts';
import { PlanRuns } from '../fakes/plan-runs.ts';
import { liveScope } from '../fakes/scope.ts';
import {
  PROGRAM_FOLDER,
  serviceReady,
  startServiceProcess,
  type ServiceProcess,
} from '../fakes/service-process.ts';
import { createWebhook, statuses, type GiteaStatus } from './gitea-api.ts';
import { startKudoManager } from './kudo.ts';
import { waitFor } from './processes.ts';
import { logToStderr } from './progress.ts';
import { KUDO_OBJECTS, startStoryCluster, type StoryCluster } from './story-cluster.ts';

const STORY = fileURLToPath(new URL('../../examples/scenarios/story.yaml', import.meta.url));
const WEBHOOK_SECRET = 'what only Gitea and the service know';

/** Why: what the sandbox shows must be what a person with KUDO's own manager and a real forge gets. */
describe.each([
  { noticed: 'by webhook', interval: '1h', webhook: true },
  { noticed: 'by polling, without a webhook', interval: '1s', webhook: false },
])('the story on a real cluster, noticed $noticed', ({ interval, webhook }) => {
  const scope = liveScope();
  let scenario: Scenario;
  let world: StoryCluster;
  let service: ServiceProcess;
  let forge: OpenForge;
  let worktree: GitWorktree;
  let runs: PlanRuns;
  let commits: readonly string[];

  beforeAll(async () => {
    scenario = await readScenario(STORY);
    world = await startStoryCluster(scenario.files);
    const { cluster, gitea, repository, client } = world;
    cluster.onStop(async () => service?.stop());
    service = await startServiceProcess({
      dir: cluster.dir,
      kubeconfig: world.serviceKubeconfig,
    });
    await serviceReady(service);
    if (webhook) {
      const hook = { url: `${service.url}/webhooks`, secret: WEBHOOK_SECRET };
      await createWebhook(gitea, repository, hook);
    }
    runs = await PlanRuns.watch(client, scope);
    const bot = { login: gitea.user, token: gitea.token };
    const wish = { url: repository.cloneUrl, bot, interval, webhookSecret: WEBHOOK_SECRET };
    await createFleetSync(wish, client, scope);
    const credentials = { kind: 'token', token: gitea.token } as const;
    forge = openForge({ type: 'gitea', url: repository.cloneUrl, credentials });
    worktree = await cloneRepository(repository.pushUrl, { ...process.env }, scope);
  });

  afterAll(async () => {
    forge?.close();
    await worktree?.remove();
    scope.stop();
    await world?.cluster.stop();
  });

  it('gives every commit the verdict and the plans that the scenario says', async () => {
    const { gitea, repository, client } = world;
    const stage = {
      client,
      forge,
      repositoryApi: `${gitea.url}/api/v1/repos/${repository.owner}/${repository.name}`,
      token: gitea.token,
      worktree,
      sync: `${FLEET.namespace}/${FLEET.sync}` as const,
      context: FLEET_CONTEXT,
      stepTimeoutMs: 60_000,
      program: { programFolder: PROGRAM_FOLDER, env: process.env },
      say: logToStderr,
    };
    await playScenario(scenario, stage, scope);
    const log = await worktree.git('log', '--first-parent', '--reverse', '--format=%H');
    commits = log.split('\n');
    expect(commits).toHaveLength(scenario.steps.length);
  });

  it('followed every plan by the uid under which it ran, to its end', async () => {
    const { items } = await world.client.list<Rollout>(ROLLOUTS, {}, scope);
    const followed = items.flatMap(({ status }) => Object.entries(status?.changes ?? {}));
    expect(followed.length).toBeGreaterThan(0);
    for (const [key, record] of followed) {
      const run = runs
        .of(key.slice(0, key.lastIndexOf('/')))
        .find(({ uid }) => uid === record.planUid);
      expect(run).toEqual({
        plan: record.plan,
        uid: record.planUid,
        status: record.state === 'succeeded' ? 'COMPLETE' : 'FATAL_ERROR',
      });
    }
  });

  it('ran each plan once', () => {
    const wanted = new Map<string, string[]>();
    for (const entry of scenario.steps.flatMap(({ expect: { plans } }) => plans)) {
      const [key = '', plan = ''] = entry.split(' ');
      wanted.set(key, [...(wanted.get(key) ?? []), plan]);
    }
    for (const [key, plans] of wanted) expect(runs.of(key).map(({ plan }) => plan)).toEqual(plans);
  });

  it('said on every commit that it was at work, then how it ended', async () => {
    for (const [index, commit] of commits.entries()) {
      const { plans = [], state } = scenario.steps[index]?.expect ?? {};
      const said = await statusesOf(commit);
      expect(said.at(-1)?.state).toBe(state);
      expect(said.slice(0, -1).every((status) => status.state === 'pending')).toBe(true);
      expect(said.length).toBeGreaterThan(plans.length > 0 ? 1 : 0);
      const texts = said.map(({ description }) => description);
      expect(texts.filter((text, at) => text === texts[at - 1])).toEqual([]);
    }
  });

  it('says what runs while it runs', async () => {
    const said = await Promise.all(commits.map(statusesOf));
    const pending = said.flat().filter(({ state }) => state === 'pending');
    const texts = pending.map(({ description }) => description).join('\n');
    expect(texts).toMatch(/orders: update (scheduled|started|\d\/\d)/);
  });

  it('links every status to the page of its rollout', async () => {
    for (const [index, commit] of commits.entries()) {
      for (const { targetUrl } of await statusesOf(commit)) {
        const page = await fetch(targetUrl);
        expect(page.status).toBe(200);
        const text = await page.text();
        expect(text).toContain(commit);
        expect(text).toContain(scenario.steps[index]?.commit?.author ?? commit);
      }
    }
  });

  it('gets its verdict from a plan during which KUDO was killed and started again', async () => {
    let [before, commit] = [0, ''];
    // A plan may be over before it was looked at: then another one is to be killed.
    for (const [from, to] of [
      [5, 4],
      [4, 6],
      [6, 7],
      [7, 8],
    ] as const) {
      before = runs.of('shop/orders').length;
      const edit = { file: 'shop/orders.yaml', from: `BROKERS: ${from}`, to: `BROKERS: ${to}` };
      commit = await worktree.commit('orders: other brokers', 'Ada Byron', [edit]);
      await worktree.git('push', '--quiet', 'origin', 'HEAD');
      const isRunning = async (): Promise<boolean> => runs.of('shop/orders').length > before;
      await waitFor('the plan to start', isRunning, { intervalMs: 5 });
      if (runs.of('shop/orders').at(-1)?.status !== 'COMPLETE') break;
    }
    expect(runs.of('shop/orders').at(-1)?.status).not.toBe('COMPLETE');
    await world.kudo.process.kill();
    await startKudoManager(world.cluster, { objects: KUDO_OBJECTS });
    const hasVerdict = async (): Promise<boolean> =>
      (await statusesOf(commit)).at(-1)?.state === 'success';
    await waitFor('the verdict', hasVerdict, { process: service });
    expect(runs.of('shop/orders')).toHaveLength(before + 1);
    expect(runs.of('shop/orders').at(-1)?.status).toBe('COMPLETE');
  });

  async function statusesOf(commit: string): Promise<GiteaStatus[]> {
    const all = await statuses(world.gitea, world.repository, commit);
    return all.filter(({ context }) => context === FLEET_CONTEXT);
  }
});
