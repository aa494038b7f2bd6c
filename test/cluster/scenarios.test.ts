import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import { playScenario } from '../../src/commands/play-scenario.ts';
import { readScenario, type Scenario } from '../../src/commands/scenario.ts';
import { openForge, type OpenForge } from '../../src/forge/forge-registry.ts';
import { createFleetSync, FLEET, FLEET_CONTEXT } from '../fakes/fleet-sync.ts';
import { liveScope } from '../fakes/scope.ts';
import {
  PROGRAM_FOLDER,
  serviceReady,
  startServiceProcess,
  type ServiceProcess,
} from '../fakes/service-process.ts';
import { logToStderr } from './progress.ts';
import { startStoryCluster, type StoryCluster } from './story-cluster.ts';

const FOLDER = join(import.meta.dirname, '../../examples/scenarios');
const files = readdirSync(FOLDER).filter((file) => file !== 'story.yaml');

/** Why: what the sandbox shows must be what KUDO's own manager and a real forge do; the story has a test of its own. */
describe.each(files)('%s on a real cluster', (file) => {
  const scope = liveScope();
  let scenario: Scenario;
  let world: StoryCluster;
  let service: ServiceProcess;
  let forge: OpenForge;
  let worktree: GitWorktree;

  beforeAll(async () => {
    scenario = await readScenario(join(FOLDER, file));
    world = await startStoryCluster(scenario.files);
    const { cluster, gitea, repository, client } = world;
    cluster.onStop(async () => service?.stop());
    service = await startServiceProcess({ dir: cluster.dir, kubeconfig: world.serviceKubeconfig });
    await serviceReady(service);
    const bot = { login: gitea.user, token: gitea.token };
    const wish = { url: repository.cloneUrl, bot, interval: '1s', spec: scenario.sync };
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

  it('gives every commit the verdict and the plans that the scenario says, and those that were foreseen', async () => {
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
    await expect(playScenario(scenario, stage, scope)).resolves.toBe(undefined);
  }, 600_000);
});
