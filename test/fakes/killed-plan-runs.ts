import { join } from 'node:path';
import { ObjectCache } from '../../src/cluster/object-cache.ts';
import { PLAN_RUNS, ROLLOUTS } from '../../src/cluster/resources.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { hasEnded, stateOf, type PlanRun } from '../../src/model/plan-run.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import { Chance } from '../fuzz/chance.ts';
import { askForPlans, QUEUES } from './ask-for-plans.ts';
import { createFleetSync, FLEET } from './fleet-sync.ts';
import { startKillProxy, type Fate, type KillPoint, type OutboundRequest } from './kill-proxy.ts';
import type { KillStage } from './kill-story.ts';
import { PlanRuns } from './plan-runs.ts';
import { ServiceLives } from './service-lives.ts';
import { copyProgram } from './service-process.ts';
import { untilChanged } from './until-changed.ts';

/** How much of it there is to be. */
export interface KilledRunsWish {
  /** One-shot plans: a third of them by Git, by people and by schedules each. */
  readonly runs: number;
  readonly kills: number;
  readonly seed: number;
}

/** What came of them. */
export interface KilledRuns {
  readonly points: readonly KillPoint[];
  readonly planRuns: readonly PlanRun[];
  /** By Instance: every run of every plan that the Instance showed. */
  readonly ran: Readonly<
    Record<string, readonly { readonly plan: string; readonly uid: string }[]>
  >;
}

/** Writes that a run takes at least, from its intent to its end. */
const WRITES_A_RUN = 3;
const SECONDS_A_RUN = 20;

/** Asks for all of the plans at once while the service is killed again and again around its writes. */
export async function playKilledRuns(
  wish: KilledRunsWish,
  stage: KillStage,
  scope: Scope,
): Promise<KilledRuns> {
  const { client, forge, repository, dir } = stage;
  const kubeconfig = join(dir, 'kubeconfig-proxied');
  const lives = new ServiceLives({ dir, kubeconfig, programFolder: await copyProgram(dir) });
  const fates = new RunFates(wish, () => proxy.points.length);
  const proxy = await startKillProxy({
    kubeconfig: stage.kubeconfig,
    proxiedKubeconfig: kubeconfig,
    forge: forge.url,
    fateOf: (request) => fates.next(request),
    kill: async () => lives.next(),
  });
  const seen = await Seen.watch(stage, scope);
  try {
    const url = repository.cloneUrl.replace(forge.url, proxy.forge);
    const bot = { login: forge.user, token: forge.token };
    await createFleetSync({ url, bot, interval: '1s' }, client, scope);
    await lives.next();
    const timeoutMs = (60 + wish.runs * SECONDS_A_RUN) * 1_000;
    await seen.commitEnded(undefined, timeoutMs);
    fates.begin();
    const head = await askForPlans(wish.runs, stage, scope);
    await seen.plansEnded(wish.runs, timeoutMs);
    await seen.commitEnded(head, timeoutMs);
    return { points: proxy.points, planRuns: seen.planRuns.list(), ran: seen.ran() };
  } finally {
    await lives.end();
    await proxy.close();
  }
}

/** What the cluster shows. */
class Seen {
  readonly planRuns: ObjectCache<PlanRun>;
  readonly #rollouts: ObjectCache<Rollout>;
  readonly #plans: PlanRuns;

  private constructor(
    planRuns: ObjectCache<PlanRun>,
    rollouts: ObjectCache<Rollout>,
    plans: PlanRuns,
  ) {
    this.planRuns = planRuns;
    this.#rollouts = rollouts;
    this.#plans = plans;
  }

  static async watch({ client }: KillStage, scope: Scope): Promise<Seen> {
    const planRuns = new ObjectCache<PlanRun>({ client, path: PLAN_RUNS });
    const rollouts = new ObjectCache<Rollout>({ client, path: ROLLOUTS });
    for (const cache of [planRuns, rollouts]) cache.start(scope);
    await Promise.all([planRuns.synced, rollouts.synced]);
    return new Seen(planRuns, rollouts, await PlanRuns.watch(client, scope));
  }

  /** Waits till every Rollout has ended and all is said, and one of them is that of the commit. */
  async commitEnded(oid: string | undefined, timeoutMs: number): Promise<void> {
    const isThereAndOver = (): true | undefined => {
      const all = this.#rollouts.list();
      const isThere = all.some(({ spec }) => oid === undefined || oidOf(spec.revision) === oid);
      return (isThere && all.every(isSettled)) || undefined;
    };
    await untilChanged(
      `commit ${oid ?? 'one'} to end`,
      [this.#rollouts],
      isThereAndOver,
      timeoutMs,
    );
  }

  async plansEnded(count: number, timeoutMs: number): Promise<void> {
    const areOver = (): true | undefined => {
      const all = this.planRuns.list();
      return (all.length >= count && all.every(hasEnded)) || undefined;
    };
    await untilChanged(`${String(count)} plans to end`, [this.planRuns], areOver, timeoutMs);
  }

  ran(): KilledRuns['ran'] {
    const { namespace } = FLEET;
    return Object.fromEntries(QUEUES.map((name) => [name, this.#plans.of(`${namespace}/${name}`)]));
  }
}

const isSettled = ({ status }: Rollout): boolean =>
  (status?.phase ?? 'progressing') !== 'progressing' &&
  (status?.outbox ?? []).every(({ sent }) => sent);

/** Of as many writes as come to a kill one ends in it, before or after it is answered. */
class RunFates {
  readonly #wish: KilledRunsWish;
  readonly #kills: () => number;
  readonly #each: number;
  #count = 0;
  #hasBegun = false;

  /** @param kills how many there were so far */
  constructor(wish: KilledRunsWish, kills: () => number) {
    this.#wish = wish;
    this.#kills = kills;
    this.#each = Math.max(1, Math.floor((wish.runs * WRITES_A_RUN) / wish.kills));
  }

  begin(): void {
    this.#hasBegun = true;
  }

  next({ label }: OutboundRequest): Fate {
    const isCounted = /^(POST|PATCH) (instances|planruns|planschedules)/.test(label);
    if (!isCounted || !this.#hasBegun) return 'passes';
    const [block, place] = [Math.floor(this.#count / this.#each), this.#count % this.#each];
    this.#count += 1;
    const chance = new Chance(this.#wish.seed, block);
    const isMeant = this.#kills() < this.#wish.kills && chance.below(this.#each) === place;
    return isMeant ? chance.of(['before', 'after']) : 'passes';
  }
}

/** What is not as it must be, in words: each plan ran once, under the uid that its PlanRun names. */
export function wrongAmongRuns(
  { points, planRuns, ran }: KilledRuns,
  { runs, kills }: KilledRunsWish,
): readonly string[] {
  const wrong = planRuns
    .filter((run) => stateOf(run) !== 'succeeded' || run.status?.attempt !== 1)
    .map(({ metadata, status }) => `${metadata.name}: ${JSON.stringify(status)}`);
  if (planRuns.length !== runs) wrong.push(`${String(planRuns.length)} PlanRuns`);
  if (points.length < kills) wrong.push(`${String(points.length)} kills`);
  for (const queue of QUEUES) {
    const asked = planRuns.filter(({ spec }) => spec.instance === queue);
    const named = asked.map(({ status }) => `resize ${status?.planUid ?? ''}`);
    const seen = (ran[queue] ?? []).map(({ plan, uid }) => `${plan} ${uid}`);
    const others = seen.filter((run) => !named.includes(run)).map((run) => run.split(' ')[0]);
    if (others.join(' ') !== 'deploy update') {
      wrong.push(`${queue}: beside those of PlanRuns ran ${others.join(' ')}`);
    }
    const lost = named.filter((run, at) => !seen.includes(run) || named.indexOf(run) !== at);
    if (lost.length > 0) wrong.push(`${queue}: no run of their own: ${lost.join(', ')}`);
  }
  return wrong;
}
