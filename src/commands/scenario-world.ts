import type { KubeClient } from '../cluster/kube-client.ts';
import type { Forge } from '../forge/forge.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { CommandContext } from './command-context.ts';
import type { GitWorktree } from './git-worktree.ts';

/** Where a scenario is played: the sandbox or a real cluster with a real Gitea. */
export interface ScenarioWorld {
  readonly client: KubeClient;
  readonly forge: Forge;
  /** `<root>/api/v1/repos/<owner>/<name>` and a token that may merge. */
  readonly repositoryApi: string;
  readonly token: string;
  /** A clone whose origin may be pushed to. */
  readonly worktree: GitWorktree;
  /** The Sync that follows the repository. */
  readonly sync: ObjectKey;
  /** The roll-up status context. */
  readonly context: string;
  /** Longest wait for one verdict. */
  readonly stepTimeoutMs: number;
  /** The program and its environment, with which `diff` loads packages that live elsewhere. */
  readonly program: Pick<CommandContext, 'programFolder' | 'env'>;
  say(line: string): void;
}

const LOOK_MS = 150;

/**
 * What `look` finds, looking again until it finds something.
 *
 * @throws {Failure} `timeout` after the world's `stepTimeoutMs`
 */
export async function waitFor<T>(
  what: string,
  { stepTimeoutMs }: ScenarioWorld,
  scope: Scope,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const until = scope.clock.now() + stepTimeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (scope.clock.now() > until) {
      throw new Failure('timeout', `waited ${String(stepTimeoutMs / 1_000)} s for ${what}`);
    }
    await scope.clock.sleep(LOOK_MS, scope.signal);
  }
}
