import { join } from 'node:path';
import { ROLLOUTS } from '../../src/cluster/resources.ts';
import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { cloneRepository } from '../../src/commands/git-worktree.ts';
import { playScenario } from '../../src/commands/play-scenario.ts';
import type { Scenario } from '../../src/commands/scenario.ts';
import { openForge } from '../../src/forge/forge-registry.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import { comments, giteaRequest, statuses, type GiteaStatus } from '../cluster/gitea-api.ts';
import type { GiteaAccess } from '../cluster/gitea.ts';
import { waitFor } from '../cluster/processes.ts';
import { createFleetSync, FLEET, FLEET_CONTEXT } from './fleet-sync.ts';
import { startKillProxy, type Fate, type KillPoint, type OutboundRequest } from './kill-proxy.ts';
import { PlanRuns } from './plan-runs.ts';
import { ServiceLives } from './service-lives.ts';
import { PROGRAM_FOLDER, copyProgram } from './service-process.ts';

/** Where a story is played: a cluster and a forge, both without the service. */
export interface KillStage {
  /** Temporary folder. */
  readonly dir: string;
  /** An administrator's. */
  readonly client: KubeClient;
  /** The service's. */
  readonly kubeconfig: string;
  readonly forge: Pick<GiteaAccess, 'url' | 'token'> & { readonly user: string };
  readonly repository: {
    readonly owner: string;
    readonly name: string;
    readonly cloneUrl: string;
    readonly pushUrl: string;
  };
}

export interface KilledStory {
  readonly points: readonly KillPoint[];
  /** How many requests the service made, over all its lives. */
  readonly requests: number;
  /** By Instance: the plans that ran, in order. */
  readonly plans: Readonly<Record<string, readonly string[]>>;
  /** Of the roll-up, by commit, oldest commit first. */
  readonly statuses: readonly (readonly GiteaStatus[])[];
  readonly pullRequests: readonly SeenPullRequest[];
  readonly rollouts: readonly Rollout[];
}

/** What the forge shows of a pull request. */
export interface SeenPullRequest {
  /** All statuses of its head. */
  readonly statuses: readonly GiteaStatus[];
  readonly comments: number;
}

/** Of a busy machine, on which a service is killed thirty times before its first verdict. */
const STEP_TIMEOUT_MS = 600_000;

/** Plays the scenario while the service is killed at the points that `fateOf` chooses and started again each time. */
export async function playKilledStory(
  scenario: Scenario,
  stage: KillStage,
  fateOf: (request: OutboundRequest) => Fate,
  scope: Scope,
): Promise<KilledStory> {
  const { client, forge, repository, dir } = stage;
  const proxiedKubeconfig = join(dir, 'kubeconfig-proxied');
  const lives = new ServiceLives({
    dir,
    kubeconfig: proxiedKubeconfig,
    programFolder: await copyProgram(dir),
  });
  const proxy = await startKillProxy({
    kubeconfig: stage.kubeconfig,
    proxiedKubeconfig,
    forge: forge.url,
    fateOf,
    kill: async (point) => {
      scope.log.info('kill', { ...point });
      await lives.next();
    },
  });
  try {
    const runs = await PlanRuns.watch(client, scope);
    const url = repository.cloneUrl.replace(forge.url, proxy.forge);
    const bot = { login: forge.user, token: forge.token };
    await createFleetSync({ url, bot, interval: '1s' }, client, scope);
    await lives.next();
    const commits = await play(scenario, stage, scope);
    await waitFor('the outboxes to be empty', async () => allSaid(client, scope));
    await lives.end();
    const keys = runs.keys();
    return {
      points: proxy.points,
      requests: proxy.requests(),
      plans: Object.fromEntries(keys.map((key) => [key, runs.of(key).map(({ plan }) => plan)])),
      statuses: await Promise.all(commits.map(async (commit) => rollUp(commit, stage))),
      pullRequests: await pullRequestsOf(stage),
      rollouts: (await client.list<Rollout>(ROLLOUTS, {}, scope)).items,
    };
  } finally {
    await lives.end();
    await proxy.close();
  }
}

/** Gives the commits of main, oldest first. */
async function play(
  scenario: Scenario,
  { client, forge: access, repository }: KillStage,
  scope: Scope,
): Promise<readonly string[]> {
  const worktree = await cloneRepository(repository.pushUrl, { ...process.env }, scope);
  const { cloneUrl: url, owner, name } = repository;
  const credentials = { kind: 'token', token: access.token } as const;
  const forge = openForge({ type: 'gitea', url, credentials });
  try {
    const stage = {
      client,
      forge,
      repositoryApi: `${access.url}/api/v1/repos/${owner}/${name}`,
      token: access.token,
      worktree,
      sync: `${FLEET.namespace}/${FLEET.sync}` as const,
      context: FLEET_CONTEXT,
      stepTimeoutMs: STEP_TIMEOUT_MS,
      program: { programFolder: PROGRAM_FOLDER, env: process.env },
      say: (line: string) => {
        scope.log.info(line.trim());
      },
    };
    await playScenario(scenario, stage, scope);
    const log = await worktree.git('log', '--first-parent', '--reverse', '--format=%H');
    return log.split('\n');
  } finally {
    forge.close();
    await worktree.remove();
  }
}

async function allSaid(client: KubeClient, scope: Scope): Promise<boolean> {
  const { items } = await client.list<Rollout>(ROLLOUTS, {}, scope);
  return items.every(({ status }) => status?.outbox?.every(({ sent }) => sent) ?? true);
}

async function rollUp(commit: string, stage: KillStage): Promise<GiteaStatus[]> {
  const all = await statuses(accessOf(stage), stage.repository, commit);
  return all.filter(({ context }) => context === FLEET_CONTEXT);
}

const accessOf = ({ forge }: KillStage): GiteaAccess => ({ ...forge, password: forge.token });

async function pullRequestsOf(stage: KillStage): Promise<SeenPullRequest[]> {
  const access = accessOf(stage);
  const { repository } = stage;
  const path = `/repos/${repository.owner}/${repository.name}/pulls?state=all`;
  const pulls = (await giteaRequest(access, 'GET', path)) as {
    number: number;
    head: { sha: string };
  }[];
  return Promise.all(
    pulls.map(async ({ number, head }) => ({
      statuses: await statuses(access, repository, head.sha),
      comments: (await comments(access, repository, number)).length,
    })),
  );
}

/** The plans that each Instance must have run, in order, when the scenario went as it says. */
export function wantedPlans({ steps }: Scenario): Readonly<Record<string, readonly string[]>> {
  const wanted: Record<string, string[]> = {};
  for (const entry of steps.flatMap(({ expect: { plans } }) => plans)) {
    const [key = '', plan = ''] = entry.split(' ');
    (wanted[key] ??= []).push(plan);
  }
  return wanted;
}

/** What is wrong with the statuses of one commit, in words; empty when nothing is. */
export function complaintsAbout(said: readonly GiteaStatus[], state: string): readonly string[] {
  const twice = repeated(said).map((line) => `twice: ${line}`);
  const early = said.slice(0, -1).filter((status) => status.state !== 'pending');
  const last = said.at(-1)?.state;
  return [
    ...twice,
    ...early.map((status) => `not the last: ${status.state}: ${status.description}`),
    ...(last === state ? [] : [`ended as ${String(last)}, not ${state}`]),
  ];
}

/** The same of the statuses of Instances, each in a context of its own: whatever their ends, they are the last. */
export function complaintsAboutInstances(said: readonly GiteaStatus[]): readonly string[] {
  const contexts = [...new Set(said.map(({ context }) => context))];
  return contexts.flatMap((context) => {
    const own = said.filter((status) => status.context === context);
    const end = own.at(-1)?.state === 'failure' ? 'failure' : 'success';
    const lines = own.map(({ state, description }) => `${state}: ${description}`).join(' | ');
    return complaintsAbout(own, end).map((text) => `${context}: ${text} (${lines})`);
  });
}

/** Statuses that say what the one before them in their context said. */
export function repeated(said: readonly GiteaStatus[]): readonly string[] {
  const contexts = [...new Set(said.map(({ context }) => context))];
  return contexts.flatMap((context) => {
    const own = said.filter((status) => status.context === context);
    const lines = own.map(({ state, description }) => `${state}: ${description}`);
    return lines.filter((line, at) => line === lines[at - 1]);
  });
}

/** Commits whose newest Rollout has no verdict. */
export function withoutVerdict(rollouts: readonly Rollout[]): readonly string[] {
  return rollouts
    .filter(({ status }) => (status?.phase ?? 'progressing') === 'progressing')
    .map(({ spec }) => oidOf(spec.revision));
}
