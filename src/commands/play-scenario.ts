import { ROLLOUTS } from '../cluster/resources.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import { oidOf, shortOid } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';
import { changesOfCommit, foreseeChanges } from './foresee-changes.ts';
import { mergePullRequest } from './merge-pull-request.ts';
import { askForRetry, doByHand, withWorld } from './scenario-by-hand.ts';
import type { Expectation, Scenario, ScenarioStep } from './scenario.ts';
import { waitFor, type ScenarioWorld } from './scenario-world.ts';

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
    const played = await carryOut(step, world, scope);
    const status = await verdictOf(step, played, world, scope);
    checkStatus(step, status);
    await checkPlans(step, played, world, scope);
    world.say(`   as expected: ${shortOid(played.commit)} has ${status.state} in the forge`);
  }
}

/** What a step led to. */
interface Played {
  readonly commit: string;
  /** Rollouts of the commit that were there before. */
  readonly attemptsBefore: number;
  /** What was to be seen before it was pushed; undefined when nothing was. */
  readonly foreseen?: readonly string[];
}

async function carryOut(step: ScenarioStep, world: ScenarioWorld, scope: Scope): Promise<Played> {
  const { worktree, client, sync } = world;
  const head = await worktree.git('rev-parse', 'HEAD');
  const attempts = (await rolloutsOf(head, client, scope)).length;
  if (step.byHand) await doByHand(step.byHand, client, scope);
  if (step.retry !== undefined) await askForRetry(step.retry, sync, client, scope);
  if (step.pullRequest) {
    const foreseen = await mergePullRequest(step.pullRequest, world, scope);
    return { commit: await worktree.git('rev-parse', 'HEAD'), attemptsBefore: 0, foreseen };
  }
  const oid = await commitOf(step, world, scope);
  const isAgain = step.byHand !== undefined || step.retry !== undefined;
  if (oid === undefined) return { commit: head, attemptsBefore: isAgain ? attempts : 0 };
  const foreseen = await foreseeChanges(world, scope);
  await worktree.git('push', '--quiet', 'origin', 'HEAD');
  return { commit: oid, attemptsBefore: 0, foreseen };
}

/** Commits what the step says, without pushing it; undefined when it says nothing. */
async function commitOf(
  { commit, revert }: ScenarioStep,
  world: ScenarioWorld,
  scope: Scope,
): Promise<string | undefined> {
  const { worktree } = world;
  if (commit) {
    const edits = await withWorld(commit.edits, world, scope);
    return worktree.commit(commit.message, commit.author, edits);
  }
  if (!revert) return undefined;
  await worktree.git('revert', '--no-edit', 'HEAD');
  return worktree.git('rev-parse', 'HEAD');
}

async function verdictOf(
  { expect }: ScenarioStep,
  { commit, attemptsBefore }: Played,
  world: ScenarioWorld,
  scope: Scope,
): Promise<CommitStatus> {
  return waitFor(`a verdict on ${shortOid(commit)}`, world, scope, async () => {
    const attempts = await rolloutsOf(commit, world.client, scope);
    const newest = attempts.at(-1);
    if (!newest || attempts.length <= attemptsBefore) return undefined;
    const status = await world.forge.newestStatus(commit, world.context, scope);
    if (expect.state === 'pending') return status && isAs(expect, status) ? status : undefined;
    // What was said of the attempt before may still stand there.
    return status && isVerdict(status) && hasSaidAll(newest) ? status : undefined;
  });
}

const isVerdict = ({ state }: CommitStatus): boolean => state === 'success' || state === 'failure';

function hasSaidAll({ status }: Rollout): boolean {
  const { phase, outbox = [] } = status ?? {};
  const hasEnded = phase === 'succeeded' || phase === 'failed';
  return hasEnded && outbox.every(({ sent }) => sent);
}

/** The Rollouts of a commit in the order of their attempts. */
async function rolloutsOf(
  commit: string,
  client: KubeClient,
  scope: Scope,
): Promise<readonly Rollout[]> {
  const { items } = await client.list<Rollout>(ROLLOUTS, {}, scope);
  return items
    .filter(({ spec }) => oidOf(spec.revision) === commit)
    .toSorted((a, b) => a.spec.attempt - b.spec.attempt);
}

function checkStatus({ say, expect }: ScenarioStep, status: CommitStatus): void {
  if (isAs(expect, status)) return;
  const wanted = `${expect.state}: …${expect.description}…`;
  const got = `${status.state}: ${status.description}`;
  throw new Failure('invalid', `${say}: wanted ${wanted}, got ${got}`);
}

const isAs = (wanted: Expectation, { state, description }: CommitStatus): boolean =>
  state === wanted.state && description.includes(wanted.description);

async function checkPlans(
  { say, expect }: ScenarioStep,
  { commit, attemptsBefore, foreseen }: Played,
  { client }: ScenarioWorld,
  scope: Scope,
): Promise<void> {
  const rollouts = await rolloutsOf(commit, client, scope);
  if (foreseen) same(`${say}: what was foreseen`, changesOfCommit(rollouts), foreseen);
  const ran = rollouts.slice(attemptsBefore).flatMap((one) => plansOf(one, expect));
  same(`${say}: plans`, ran, expect.plans);
}

const list = (texts: readonly string[]): string => texts.join(', ') || 'none';

function same(what: string, got: readonly string[], wanted: readonly string[]): void {
  if (JSON.stringify(got) === JSON.stringify(wanted)) return;
  throw new Failure('invalid', `${what}: wanted ${list(wanted)}, got ${list(got)}`);
}

/**
 * `<namespace>/<name> <plan>` of every plan that was started, without failures of earlier commits. Instances
 * run side by side, so that only the plans of one stand in their order, unless they are to run in turn.
 */
function plansOf({ status }: Rollout, { inTurn }: Expectation): string[] {
  return Object.entries(status?.changes ?? {})
    .filter(([, { plan, planUid, since }]) => plan !== '-' && planUid && since === undefined)
    .map(([key, { plan, startedAt = '' }]) => ({ key, plan, startedAt }))
    .toSorted((a, b) => compare(inTurn ? a.startedAt : a.key, inTurn ? b.startedAt : b.key))
    .map(({ key, plan }) => `${key.slice(0, key.lastIndexOf('/'))} ${plan}`);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
