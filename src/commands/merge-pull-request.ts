import * as z from 'zod';
import { forgeHttp, type ForgeHttp } from '../forge/forge-http.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { foreseeChanges } from './foresee-changes.ts';
import type { ScenarioStep } from './scenario.ts';
import { waitFor, type ScenarioWorld } from './scenario-world.ts';

type PullRequestStep = NonNullable<ScenarioStep['pullRequest']>;

/**
 * Opens a pull request, waits for its preview and merges it; gives what was foreseen for it.
 *
 * @throws {Failure} `invalid` when the preview does not say what it is to say, and each change that was foreseen
 */
export async function mergePullRequest(
  { branch, title, author, edits, comment }: PullRequestStep,
  world: ScenarioWorld,
  scope: Scope,
): Promise<readonly string[]> {
  const { worktree, token } = world;
  const base = await worktree.git('rev-parse', '--abbrev-ref', 'HEAD');
  await worktree.git('checkout', '--quiet', '-b', branch);
  await worktree.commit(title, author, edits);
  const foreseen = await foreseeChanges(world, scope);
  await worktree.git('push', '--quiet', 'origin', branch);
  const api = forgeHttp({ apiBase: world.repositoryApi, authorization: `token ${token}` });
  try {
    const body = { title, head: branch, base };
    const call = { method: 'POST', path: '/pulls', body } as const;
    const { value } = await api.call(call, z.object({ number: z.number() }), scope);
    const text = await previewOf(value.number, world, scope);
    checkPreview(text, { comment, foreseen });
    world.say(`   pull request ${String(value.number)} has its preview comment`);
    for (const row of tableRows(text)) world.say(`      ${row}`);
    await mergeWhenReady(value.number, { api, world }, scope);
  } finally {
    api.close();
  }
  await worktree.git('checkout', '--quiet', base);
  await worktree.git('pull', '--quiet', '--ff-only');
  return foreseen;
}

function checkPreview(
  text: string,
  wanted: { readonly comment: readonly string[]; readonly foreseen: readonly string[] },
): void {
  const plans = wanted.foreseen.flatMap((change) => {
    const [instance = '', , plan = ''] = change.split(' ');
    return plan === '-' ? [instance] : [instance, plan];
  });
  const missing = [...wanted.comment, ...plans].find((part) => !text.includes(part));
  if (missing === undefined) return;
  throw new Failure('invalid', `the preview does not say ${missing}:\n${text}`);
}

/** The first rows of the table in a comment. */
function tableRows(comment: string): string[] {
  return comment
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(0, 8);
}

/**
 * A forge needs a moment to find out whether a pull request can be merged, and refuses till then. The
 * answer to a merge has no body, so whether it happened is read.
 */
async function mergeWhenReady(
  number: number,
  { api, world }: { readonly api: ForgeHttp; readonly world: ScenarioWorld },
  scope: Scope,
): Promise<void> {
  const path = `/pulls/${String(number)}`;
  const merge = { method: 'POST', path: `${path}/merge`, body: { Do: 'merge' } } as const;
  const merged = z.object({ merged: z.boolean() });
  const until = scope.clock.now() + world.stepTimeoutMs;
  let refusal: unknown;
  while (scope.clock.now() < until) {
    await api.call(merge, z.unknown(), scope).catch((thrown: unknown) => {
      refusal = thrown;
    });
    const { value } = await api.call({ method: 'GET', path }, merged, scope);
    if (value.merged) return;
    await scope.clock.sleep(500, scope.signal);
  }
  throw refusal;
}

async function previewOf(number: number, world: ScenarioWorld, scope: Scope): Promise<string> {
  return waitFor(`a preview comment on pull request ${String(number)}`, world, scope, async () => {
    const comments = await world.forge.comments(number, scope);
    return comments.find(({ body }) => body.includes('kudo-gitops'))?.body;
  });
}
