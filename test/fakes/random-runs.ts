import type { ObjectCache } from '../../src/cluster/object-cache.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import { tokenId } from '../../src/model/change-token.ts';
import { API_VERSION } from '../../src/model/names.ts';
import { stateOf, type PlanRun, type PlanRunState } from '../../src/model/plan-run.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import type { Chance } from '../fuzz/chance.ts';
import { BegunPlans } from './begun-plans.ts';

/** A plan that a commit asks for once. */
export interface RandomRun {
  /** `r<number of the commit>-<number within>`. */
  readonly name: string;
  /** Name of the Instance. */
  readonly instance: string;
  readonly plan: string;
  readonly when: 'before' | 'after';
}

const PER_COMMIT = 3;
const PLANS = ['deploy', 'update', 'resize', 'resize', 'none'] as const;

/** PlanRuns that commits bring to a fleet, and what became of each. */
export class RandomRuns {
  readonly #namespace: string;
  readonly #planRuns: ObjectCache<PlanRun>;
  readonly #chance: Chance;
  readonly #wished: RandomRun[] = [];
  readonly #inGit = new Set<string>();
  readonly #begun: BegunPlans;
  #commits = 0;

  constructor(namespace: string, { planRuns, instances }: Caches, chance: Chance) {
    this.#namespace = namespace;
    this.#planRuns = planRuns;
    this.#chance = chance;
    this.#begun = new BegunPlans(namespace, instances);
  }

  /** Instances of which a PlanRun is in Git. */
  get touched(): ReadonlySet<string> {
    return new Set(this.current.map(({ instance }) => instance));
  }

  /** Files of the next commit: new PlanRuns, and null for most of the older ones. */
  next(instances: readonly string[]): Record<string, string | null> {
    this.#commits += 1;
    const files: Record<string, string | null> = {};
    for (const name of this.#inGit) {
      if (this.#chance.below(10) < 3) continue;
      this.#inGit.delete(name);
      files[fileOf(name)] = null;
    }
    for (let index = 0; index < PER_COMMIT; index++) {
      const run = this.#random(`r${String(this.#commits)}-${String(index)}`, instances);
      this.#wished.push(run);
      this.#inGit.add(run.name);
      files[fileOf(run.name)] = textOf(run);
    }
    return files;
  }

  #random(name: string, instances: readonly string[]): RandomRun {
    return {
      name,
      instance: this.#chance.of(instances),
      plan: this.#chance.of(PLANS),
      when: this.#chance.below(10) < 3 ? 'before' : 'after',
    };
  }

  /** Those that Git has. */
  get current(): readonly RandomRun[] {
    return this.#wished.filter(({ name }) => this.#inGit.has(name));
  }

  /** Those that have come to no end. */
  underWay(): readonly PlanRun[] {
    return this.current
      .flatMap(({ name }) => this.get(name) ?? [])
      .filter((run) => stateOf(run) !== 'succeeded' && !hasStopped(run));
  }

  get(name: string): PlanRun | undefined {
    return this.#planRuns.get(`${this.#namespace}/${name}`);
  }

  /** PlanRuns whose plans did not run as often as they say: once when begun, never otherwise. */
  wrong(rollout: Rollout | undefined): readonly string[] {
    return this.#wished.flatMap((run) => {
      const why = this.#whyWrong(run, rollout);
      return why === undefined ? [] : [`${this.#namespace}/${run.name} of ${run.instance}: ${why}`];
    });
  }

  #whyWrong(wish: RandomRun, rollout: Rollout | undefined): string | undefined {
    const run = this.get(wish.name);
    if (!run) return this.#inGit.has(wish.name) ? whyMissing(wish, rollout) : undefined;
    const { attempt = 1 } = run.status ?? {};
    const uid = run.metadata.uid ?? '';
    const begun = Array.from({ length: attempt }, (_, index) =>
      this.#begun.of(tokenId(uid, 0, index + 1)),
    );
    const why = whyNotOnce(run, begun);
    return why === undefined ? undefined : `${why}: ${JSON.stringify([run.status, begun])}`;
  }
}

/** Whether it says why it does not run, or no more. */
export const hasStopped = (run: PlanRun): boolean => STOPPED.has(stateOf(run));

const STOPPED: ReadonlySet<PlanRunState> = new Set(['failed', 'held', 'skipped']);

/** @param begun plans by attempt */
function whyNotOnce(run: PlanRun, begun: readonly (readonly string[])[]): string | undefined {
  const { planUid, message } = run.status ?? {};
  const last = begun.at(-1)?.length ?? 0;
  if (begun.some(({ length }) => length > 1)) return 'more than once';
  if (last !== Number(planUid !== undefined)) return 'it knows another plan';
  const mustRun = MUST_RUN.has(stateOf(run));
  if (mustRun) return last === 1 ? undefined : 'never';
  return message ? undefined : 'nobody says why';
}

interface Caches {
  readonly planRuns: ObjectCache<PlanRun>;
  readonly instances: ObjectCache<Instance>;
}

const MUST_RUN: ReadonlySet<PlanRunState> = new Set(['succeeded', 'running']);

/** One that was not made is a problem of the commit. */
function whyMissing({ name }: RandomRun, rollout: Rollout | undefined): string | undefined {
  const problems = rollout?.status?.problems ?? [];
  return problems.some((text) => text.startsWith(`${fileOf(name)}:`))
    ? undefined
    : 'there is no PlanRun and nobody says why';
}

const fileOf = (name: string): string => `${name}.yaml`;

const textOf = ({ name, instance, plan, when }: RandomRun): string => `apiVersion: ${API_VERSION}
kind: PlanRun
metadata: { name: ${name} }
spec: { instance: ${instance}, plan: ${plan}, when: ${when} }
`;
