import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import { playScenario } from '../../src/commands/play-scenario.ts';
import { readScenario, type Scenario } from '../../src/commands/scenario.ts';
import { openForge, type OpenForge } from '../../src/forge/forge-registry.ts';
import { createFleetSync, FLEET, FLEET_CONTEXT } from './fleet-sync.ts';
import { withToken } from './git-person.ts';
import { PROGRAM_FOLDER } from './service-process.ts';
import { ServiceWorld } from './service-world.ts';

/** Where the scenarios are. */
export const SCENARIOS = join(import.meta.dirname, '../../examples/scenarios');
const STEP_MS = 300_000;

/**
 * Plays `examples/scenarios/<name>.yaml` on the sandbox.
 *
 * Why: every feature is to work as its scenario says, and what is shown before a merge must be what
 * happens after it: each step compares the diff of its commit with the Rollout.
 */
export function playOnSandbox(name: string): void {
  describe(`${name} on the sandbox`, () => {
    let scenario: Scenario;
    let world: ServiceWorld;
    let forge: OpenForge;
    let worktree: GitWorktree;
    const said: string[] = [];

    beforeAll(async () => {
      scenario = await readScenario(join(SCENARIOS, `${name}.yaml`));
      world = await ServiceWorld.start();
      const { sandbox, scope } = world;
      const { url } = await sandbox.git.createRepository('shop', 'fleet', scenario.files);
      const wish = { url, bot: sandbox.bot, interval: '1s', spec: scenario.sync };
      await createFleetSync(wish, sandbox.client, scope);
      const credentials = { kind: 'token', token: sandbox.user.token } as const;
      forge = openForge({ type: 'gitea', url, credentials });
      const { PATH } = process.env;
      worktree = await cloneRepository(withToken(url, sandbox.user.token), { PATH }, scope);
    });

    afterAll(async () => {
      forge?.close();
      await worktree?.remove();
      await world?.stop();
    });

    test('every commit gets the verdict and the plans that it says, and those that were foreseen', async () => {
      const { sandbox, scope } = world;
      const stage = {
        client: sandbox.client,
        forge,
        repositoryApi: `${sandbox.git.url}/api/v1/repos/shop/fleet`,
        token: sandbox.user.token,
        worktree,
        sync: `${FLEET.namespace}/${FLEET.sync}` as const,
        context: FLEET_CONTEXT,
        stepTimeoutMs: STEP_MS,
        program: { programFolder: PROGRAM_FOLDER, env: process.env },
        say: (line: string) => said.push(line),
      };
      const failed = await playScenario(scenario, stage, scope).catch(String);
      expect({ failed, said }).toEqual({ failed: undefined, said });
    }, 600_000);
  });
}
