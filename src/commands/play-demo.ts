import { openForge } from '../forge/forge-registry.ts';
import type { CommandContext } from './command-context.ts';
import { DEMO, repositoryApi } from './demo-objects.ts';
import { cloneRepository } from './git-worktree.ts';
import { playScenario } from './play-scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Demo } from './start-demo.ts';

/** Longest wait for one verdict of the demo. */
export const STEP_TIMEOUT_MS = 60_000;

/**
 * Plays a scenario in a running demo.
 *
 * @throws {Failure} at the first step whose verdict is not the one expected
 */
export async function playDemo(
  scenario: Scenario,
  { sandbox, pushUrl, cloneUrl }: Demo,
  { env, scope, out, programFolder }: CommandContext,
): Promise<void> {
  const worktree = await cloneRepository(pushUrl, env, scope);
  const forge = openForge({
    type: 'gitea',
    url: cloneUrl,
    credentials: { kind: 'token', token: sandbox.user.token },
  });
  try {
    await playScenario(
      scenario,
      {
        client: sandbox.client,
        forge,
        repositoryApi: repositoryApi(sandbox.git.url),
        token: sandbox.user.token,
        worktree,
        sync: `${DEMO.namespace}/${DEMO.sync}`,
        context: `kudo-gitops/${DEMO.cluster}/${DEMO.namespace}/${DEMO.sync}`,
        stepTimeoutMs: STEP_TIMEOUT_MS,
        program: { programFolder, env },
        say: (line) => {
          out(`${line}\n`);
        },
      },
      scope,
    );
  } finally {
    forge.close();
    await worktree.remove();
  }
}
