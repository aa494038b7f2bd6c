import { z } from 'zod';
import { ROLLOUTS } from '../cluster/resources.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import type { Forge } from '../forge/forge.ts';
import { forgeHttp, type ForgeHttp } from '../forge/forge-http.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import { oidOf, shortOid } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';
import type { GitWorktree } from './git-worktree.ts';
import type { Expectation, Scenario, ScenarioStep } from './scenario.ts';

/** Where a scenario is played: the sandbox or a real cluster with a real Gitea. */
export interface ScenarioWorld {
  readonly client: KubeClient;
  readonly forge: Forge;
  /** `<root>/api/v1/repos/<owner>/<name>` and a token that may merge. */
  readonly repositoryApi: string;
  readonly token: string;
  /** A clone whose origin may be pushed to. */
  readonly worktree: GitWorktree;
  /** The roll-up status context. */
  readonly context: string;
  /** Longest wait for one verdict. */
  readonly stepTimeoutMs: number;
  say(line: string): void;
}

const LOOK_MS = 150;

/**
 * Plays every step and checks what was seen.
 *
 * @throws {Failure} `invalid` at the first step whose verdict is not the one expected
 */
export async function playScenario(
  { steps }: Scenario,
  world: ScenarioWorld,
  scope: Scope,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    world.say(`\n${String(index + 1)}. ${step.say}`);
    const commit = await carryOut(step, world, scope);
    const status = await verdictOf(commit, world, scope);
    checkStatus(step, status);
    await checkPlans(step, commit, world, scope);
    world.say(`   as expected: ${shortOid(commit)} has ${status.state} in the forge`);
  }
}

async function carryOut(step: ScenarioStep, world: ScenarioWorld, scope: Scope): Promise<string> {
  const { worktree } = world;
  if (step.pullRequest) return mergePullRequest(step.pullRequest, world, scope);
  if (step.commit) {
    const { message, author, edits } = step.commit;
    const oid = await worktree.commit(message, author, edits);
    await worktree.git('push', '--quiet', 'origin', 'HEAD');
    return oid;
  }
  if (step.revert) {
    await worktree.git('revert', '--no-edit', 'HEAD');
    await worktree.git('push', '--quiet', 'origin', 'HEAD');
  }
  return worktree.git('rev-parse', 'HEAD');
}

type PullRequestStep = NonNullable<ScenarioStep['pullRequest']>;

async function mergePullRequest(
  { branch, title, author, edits, comment }: PullRequestStep,
  world: ScenarioWorld,
  scope: Scope,
): Promise<string> {
  const { worktree, token } = world;
  const base = await worktree.git('rev-parse', '--abbrev-ref', 'HEAD');
  await worktree.git('checkout', '--quiet', '-b', branch);
  await worktree.commit(title, author, edits);
  await worktree.git('push', '--quiet', 'origin', branch);
  const api = forgeHttp({ apiBase: world.repositoryApi, authorization: `token ${token}` });
  try {
    const body = { title, head: branch, base };
    const call = { method: 'POST', path: '/pulls', body } as const;
    const { value } = await api.call(call, z.object({ number: z.number() }), scope);
    const text = await previewOf(value.number, world, scope);
    for (const part of comment) {
      if (!text.includes(part))
        throw new Failure('invalid', `the preview does not say ${part}:\n${text}`);
    }
    world.say(`   pull request ${String(value.number)} has its preview comment`);
    for (const row of tableRows(text)) world.say(`      ${row}`);
    await mergeWhenReady(value.number, { api, world }, scope);
  } finally {
    api.close();
  }
  await worktree.git('checkout', '--quiet', base);
  await worktree.git('pull', '--quiet', '--ff-only');
  return worktree.git('rev-parse', 'HEAD');
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

async function verdictOf(
  commit: string,
  world: ScenarioWorld,
  scope: Scope,
): Promise<CommitStatus> {
  return waitFor(`a verdict on ${shortOid(commit)}`, world, scope, async () => {
    const status = await world.forge.newestStatus(commit, world.context, scope);
    return status && isVerdict(status) ? status : undefined;
  });
}

const isVerdict = ({ state }: CommitStatus): boolean => state === 'success' || state === 'failure';

async function waitFor<T>(
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

function checkStatus({ say, expect }: ScenarioStep, { state, description }: CommitStatus): void {
  if (state === expect.state && description.includes(expect.description)) return;
  const wanted = `${expect.state}: …${expect.description}…`;
  throw new Failure('invalid', `${say}: wanted ${wanted}, got ${state}: ${description}`);
}

async function checkPlans(
  { say, expect }: ScenarioStep,
  commit: string,
  { client }: ScenarioWorld,
  scope: Scope,
): Promise<void> {
  const { items } = await client.list<Rollout>(ROLLOUTS, {}, scope);
  const ran = items.filter(({ spec }) => oidOf(spec.revision) === commit).flatMap(plansOf);
  if (samePlans(ran, expect)) return;
  const wanted = expect.plans.join(', ') || 'none';
  throw new Failure('invalid', `${say}: wanted plans ${wanted}, got ${ran.join(', ') || 'none'}`);
}

/** `<namespace>/<name> <plan>` in the order in which they were started; without failures of earlier commits. */
function plansOf({ status }: Rollout): string[] {
  return Object.entries(status?.changes ?? {})
    .filter(([, { plan, planUid, since }]) => plan !== '-' && planUid && since === undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { plan }]) => `${key.slice(0, key.lastIndexOf('/'))} ${plan}`);
}

/** Instances run side by side; the plans of one keep their order. */
function samePlans(ran: readonly string[], { plans }: Expectation): boolean {
  return JSON.stringify(ran) === JSON.stringify(plans);
}
