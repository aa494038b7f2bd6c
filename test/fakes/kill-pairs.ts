import { join } from 'node:path';
import { ObjectCache } from '../../src/cluster/object-cache.ts';
import { NAMESPACES, ROLLOUTS, SYNCS } from '../../src/cluster/resources.ts';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import { statuses } from '../cluster/gitea-api.ts';
import { Chance } from '../fuzz/chance.ts';
import { GitPerson, withToken } from './git-person.ts';
import { startKillProxy, type Fate, type KillPoint, type KillProxy } from './kill-proxy.ts';
import { complaintsAbout, complaintsAboutInstances, withoutVerdict } from './kill-story.ts';
import { askSync, createNamedSync } from './named-sync.ts';
import { PlanRuns } from './plan-runs.ts';
import { ServiceLives } from './service-lives.ts';
import { copyProgram } from './service-process.ts';
import { annotatedFile, instanceFile, tinyFiles } from './tiny-operator.ts';
import { untilChanged } from './until-changed.ts';

/** The `ordinal`th request with a label since a story began, and what becomes of it. */
export interface WantedKill {
  readonly label: string;
  readonly ordinal: number;
  readonly fate: Exclude<Fate, 'passes'>;
}

/** What came of one story. */
export interface PairStory {
  /** Where the service was killed. */
  readonly points: readonly KillPoint[];
  /** How often each kind of request was made. */
  readonly requests: ReadonlyMap<string, number>;
  /** What is not as it must be, in words. */
  readonly complaints: readonly string[];
}

const CONTEXT = 'kudo-gitops/test';
const STORY_TIMEOUT_MS = 240_000;

/** The commits of both Syncs, as what they change, and the roll-up's end under each. */
const COMMITS: readonly Readonly<Record<string, string>>[] = [
  {
    'cache.yaml': annotatedFile('cache', { 'depends-on': 'orders' }, { COLOUR: 'blue' }),
    'mail.yaml': instanceFile('mail', { FLAG: 'maybe' }),
    'orders.yaml': instanceFile('orders', { COLOUR: 'red', SIZE: '2' }),
  },
  { 'mail.yaml': instanceFile('mail', { FLAG: 'false' }) },
];
/** Exactly these where every verdict is waited for; a commit that comes at once may save mail one of its plans. */
const PLANS: Readonly<Record<string, string>> = {
  cache: 'deploy update',
  mail: 'deploy update update',
  orders: 'deploy update resize',
};

/**
 * One sandbox in which the same story is played again and again by two new Syncs of three Instances
 * each, while the service is killed at chosen requests. The first Sync's commits wait for each other's
 * verdicts, the second's come one upon the other.
 */
export class KillPairs {
  readonly #sandbox: Sandbox;
  readonly #scope: Scope;
  readonly #lives: ServiceLives;
  readonly #proxy: KillProxy;
  readonly #runs: PlanRuns;
  readonly #rollouts: ObjectCache<Rollout>;
  readonly #person: GitPerson;
  readonly #fates: StoryFates;
  #stories = 0;

  private constructor(sandbox: Sandbox, scope: Scope, parts: Parts) {
    this.#sandbox = sandbox;
    this.#scope = scope;
    this.#lives = parts.lives;
    this.#proxy = parts.proxy;
    this.#runs = parts.runs;
    this.#rollouts = parts.rollouts;
    this.#person = parts.person;
    this.#fates = parts.fates;
  }

  /** @param dir a temporary folder */
  static async start(sandbox: Sandbox, dir: string, scope: Scope): Promise<KillPairs> {
    const kubeconfig = join(dir, 'kubeconfig-proxied');
    const lives = new ServiceLives({ dir, kubeconfig, programFolder: await copyProgram(dir) });
    const fates = new StoryFates();
    const proxy = await startKillProxy({
      kubeconfig: sandbox.kubeconfig,
      proxiedKubeconfig: kubeconfig,
      forge: sandbox.git.url,
      fateOf: ({ label }) => fates.next(label),
      kill: async () => lives.next(),
    });
    const rollouts = new ObjectCache<Rollout>({ client: sandbox.client, path: ROLLOUTS });
    rollouts.start(scope);
    await rollouts.synced;
    const runs = await PlanRuns.watch(sandbox.client, scope);
    const person = await GitPerson.arrive();
    await lives.next();
    return new KillPairs(sandbox, scope, { lives, proxy, runs, rollouts, person, fates });
  }

  async stop(): Promise<void> {
    await this.#lives.end();
    await this.#proxy.close();
    await this.#person.leave();
  }

  /** Plays the story once more and tells what was wrong. */
  async play(kills: readonly WantedKill[]): Promise<PairStory> {
    this.#stories += 1;
    const seen = this.#proxy.points.length;
    const names = ['a', 'b'].map((letter) => `${letter}${String(this.#stories)}`);
    this.#fates.begin(kills);
    const complaints = await Promise.all([
      this.#playSync(names[0] ?? '', true),
      this.#playSync(names[1] ?? '', false),
    ]);
    const requests = this.#fates.end();
    await Promise.all(names.map(async (name) => this.#remove(name)));
    return { points: this.#proxy.points.slice(seen), requests, complaints: complaints.flat() };
  }

  async #playSync(name: string, isPatient: boolean): Promise<readonly string[]> {
    const { git, user } = this.#sandbox;
    const files = tinyFiles({ cache: {}, mail: {}, orders: {} });
    const { url } = await git.createRepository('shop', name, files);
    const work = await this.#person.clone(withToken(url, user.token), name);
    const proxied = url.replace(git.url, this.#proxy.forge);
    await createNamedSync(name, { url: proxied }, this.#sandbox, this.#scope);
    const oids = [await this.#person.head(work)];
    await this.#verdictOn(name, oids[0] ?? '');
    for (const [index, edits] of COMMITS.entries()) {
      const oid = await this.#person.commit(work, edits, `Commit ${String(index)}`);
      await this.#person.push(work).ended;
      await askSync(name, oid, this.#sandbox, this.#scope);
      oids.push(oid);
      if (isPatient) await this.#verdictOn(name, oid);
    }
    await this.#verdictOn(name, oids.at(-1) ?? '');
    const complaints = [
      ...this.#complaintsAboutPlans(name, isPatient),
      ...(await this.#complaintsAboutStatuses(name, oids, isPatient)),
      ...withoutVerdict(this.#rolloutsOf(name)).map((oid) => `${name}: ${oid} has no verdict`),
    ];
    const evidence = this.#rolloutsOf(name).map(outboxText);
    return complaints.length === 0 ? [] : [...complaints, ...evidence];
  }

  #rolloutsOf(namespace: string): readonly Rollout[] {
    return this.#rollouts.list().filter(({ metadata }) => metadata.namespace === namespace);
  }

  /** Waits till every Rollout up to that of `oid` has ended and all is said. */
  async #verdictOn(name: string, oid: string): Promise<void> {
    const hasEnded = (): true | undefined => {
      const rollouts = this.#rolloutsOf(name);
      const isThere = rollouts.some(({ spec }) => oidOf(spec.revision) === oid);
      return (isThere && rollouts.every(isSettled)) || undefined;
    };
    await untilChanged(`${name} to end ${oid}`, [this.#rollouts], hasEnded, STORY_TIMEOUT_MS);
  }

  #complaintsAboutPlans(name: string, isPatient: boolean): readonly string[] {
    return Object.entries(PLANS).flatMap(([instance, wanted]) => {
      const ran = this.#runs.of(`${name}/${instance}`).map(({ plan }) => plan);
      const isSaved = !isPatient && instance === 'mail' && ran.join(' ') === 'deploy update';
      if (isSaved || ran.join(' ') === wanted) return [];
      return [`${name}/${instance}: ran ${ran.join(' ')}, not ${wanted}`];
    });
  }

  async #complaintsAboutStatuses(
    name: string,
    oids: readonly string[],
    isPatient: boolean,
  ): Promise<readonly string[]> {
    const { git, bot } = this.#sandbox;
    const access = { url: git.url, token: bot.token, user: bot.login, password: bot.token };
    const found = oids.map(async (oid, index) => {
      const repository = { owner: 'shop', name, cloneUrl: '', pushUrl: '' };
      const all = await statuses(access, repository, oid);
      const rollUp = `${CONTEXT}/${name}/${name}`;
      const said = all.filter(({ context }) => context === rollUp);
      const wanted = index === 1 && !(said.at(-1)?.state === 'success' && !isPatient);
      const ofInstances = all.filter(({ context }) => context.startsWith(`${rollUp}/`));
      const complaints = [
        ...complaintsAbout(said, wanted ? 'failure' : 'success'),
        ...complaintsAboutInstances(ofInstances),
      ];
      const lines = said.map(({ state, description }) => `${state}: ${description}`).join(' | ');
      return complaints.map((text) => `${name}: commit ${String(index)}: ${text} (${lines})`);
    });
    return (await Promise.all(found)).flat();
  }

  async #remove(name: string): Promise<void> {
    const { client } = this.#sandbox;
    await client.delete({ ...SYNCS, namespace: name, name }, {}, this.#scope);
    await client.delete({ ...NAMESPACES, name }, {}, this.#scope);
  }
}

interface Parts {
  readonly lives: ServiceLives;
  readonly proxy: KillProxy;
  readonly runs: PlanRuns;
  readonly rollouts: ObjectCache<Rollout>;
  readonly person: GitPerson;
  readonly fates: StoryFates;
}

/** What a Rollout has said and when it ended, for whoever looks for the cause of a complaint. */
function outboxText({ metadata, status }: Rollout): string {
  const said = (status?.outbox ?? []).map(({ commit, context, state, description }) =>
    [commit.slice(0, 7), context.split('/').slice(3).join('/'), state, description].join(' '),
  );
  return [`${metadata.name} ${status?.phase ?? ''} ${status?.finishedAt ?? ''}:`, ...said].join(
    '\n    ',
  );
}

const isSettled = ({ status }: Rollout): boolean =>
  (status?.phase ?? 'progressing') !== 'progressing' &&
  (status?.outbox ?? []).every(({ sent }) => sent);

/** Counts the requests of one story, and says which of them end in a kill. */
class StoryFates {
  #kills: readonly WantedKill[] = [];
  #counts = new Map<string, number>();

  begin(kills: readonly WantedKill[]): void {
    this.#kills = kills;
    this.#counts = new Map();
  }

  next(label: string): Fate {
    const ordinal = (this.#counts.get(label) ?? 0) + 1;
    this.#counts.set(label, ordinal);
    const kill = this.#kills.find((one) => one.label === label && one.ordinal === ordinal);
    return kill?.fate ?? 'passes';
  }

  end(): ReadonlyMap<string, number> {
    this.#kills = [];
    return this.#counts;
  }
}

const isWrite = (label: string): boolean => /^(POST|PATCH|PUT|DELETE) /.test(label);

/** How many in a hundred kills hit a write. */
const WRITES = 80;

/**
 * Two points of a story, by seed and number. Kinds of requests are as likely as each other, however
 * often they are made.
 *
 * @param requests those of a story without kills
 */
export function seededPair(
  seed: number,
  number: number,
  requests: ReadonlyMap<string, number>,
): readonly WantedKill[] {
  const chance = new Chance(seed, number);
  const labels = [...requests.keys()].toSorted();
  const point = (): WantedKill => {
    const writes = chance.below(100) < WRITES;
    const label = chance.of(labels.filter((one) => isWrite(one) === writes));
    const ordinal = 1 + chance.below(requests.get(label) ?? 1);
    return { label, ordinal, fate: chance.of(['before', 'after']) };
  };
  return [point(), point()];
}
