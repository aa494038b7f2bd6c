import type { KubeClient } from '../cluster/kube-client.ts';
import { openForge, type OpenForge } from '../forge/forge-registry.ts';
import type { StatusRight } from '../forge/status-right.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { Rollout } from '../model/rollout.ts';
import { readForgeSecret, type SyncSettings } from '../reconcile/sync-settings.ts';
import type { Check } from './check-list.ts';
import type { CommandContext } from './command-context.ts';

/** Which forge is asked. */
export interface ForgeQuestion {
  readonly settings: SyncSettings;
  readonly client: KubeClient;
  readonly env: CommandContext['env'];
}

/** Who the forge takes the token for, and that it shows pull requests with it. */
export async function askForge(asking: ForgeQuestion, scope: Scope): Promise<string> {
  return withForge(asking, scope, async (forge, type) => {
    const who = await forge.whoAmI(scope);
    const pulls = await forge.openPullRequests(scope);
    return `${type} knows the token as ${who}; ${pulls.length} open pull request(s) are seen`;
  });
}

/** What the forge says of the token's right to write statuses; a Failure is told as not known. */
export async function askStatusRight(asking: ForgeQuestion, scope: Scope): Promise<StatusRight> {
  try {
    return await withForge(asking, scope, async (forge, type) => {
      const right = await forge.statusRight?.(scope);
      return right ?? { may: undefined, because: `${type} does not tell` };
    });
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { may: undefined, because: thrown.message };
  }
}

/**
 * Whether statuses can be written: by what the forge says, and where it says nothing by those that were sent.
 *
 * @param newest the newest Rollout of the Sync that has anything to say
 */
export function statusCheck(
  check: string,
  { may, because }: StatusRight,
  newest: Rollout | undefined,
): Check {
  if (may === true) return { check, state: 'good', detail: `the token may write them: ${because}` };
  if (may === false) {
    const hint = 'docs/forges.md says what the token has to be allowed';
    return { check, state: 'bad', detail: `the token may write none: ${because}`, hint };
  }
  if (newest?.status?.outbox?.some(({ sent }) => sent)) {
    return { check, state: 'good', detail: `those of rollout/${newest.metadata.name} were taken` };
  }
  return { check, state: 'unknown', detail: `not known until the first status: ${because}` };
}

async function withForge<T>(
  { settings, client, env }: ForgeQuestion,
  scope: Scope,
  use: (forge: OpenForge, type: string) => Promise<T>,
): Promise<T> {
  const { url, forge } = settings;
  const secret = await readForgeSecret(settings, client, scope);
  if (!forge || !secret) throw new Failure('invalid', 'spec.forge is missing');
  const { type, apiUrl } = forge;
  const opened = openForge({ type, url, apiUrl, ...secret }, { env });
  try {
    return await use(opened, type);
  } finally {
    opened.close();
  }
}
