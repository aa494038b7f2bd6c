import type { ObjectCache } from '../../src/cluster/object-cache.ts';
import { INSTANCES, SYNCS } from '../../src/cluster/resources.ts';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import type { Instance, OperatorVersion } from '../../src/kudo/objects.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import type { DesiredInstance } from '../../src/model/desired.ts';
import { parameterDifference } from '../../src/plan/parameter-edits.ts';
import { isOutdone, isPlanFailure } from '../../src/plan/rollout-verdict.ts';
import { desiredInstance } from '../builders.ts';
import { Chance } from '../fuzz/chance.ts';
import { isOpen, numberedChanges, stated, type Standing } from './fleet-standing.ts';
import { fewestPlans } from './fewest-plans.ts';
import { withToken, type GitPerson } from './git-person.ts';
import { askSync, createNamedSync } from './named-sync.ts';
import { NAMES, randomPackage, VALUES } from './random-package.ts';
import { mended, randomWish, type RandomWish } from './random-wish.ts';
import { RolledOut } from './rolled-out.ts';
import { instanceFile, operatorFile } from './tiny-operator.ts';

/** What all fleets share. */
export interface FleetGround {
  readonly sandbox: Sandbox;
  readonly person: GitPerson;
  readonly instances: ObjectCache<Instance>;
  readonly rollouts: ObjectCache<Rollout>;
  readonly scope: Scope;
}

interface Member {
  readonly name: string;
  readonly versions: readonly [OperatorVersion, OperatorVersion];
  readonly chance: Chance;
  wish: RandomWish;
  /** True while Git does not have it. */
  isGone: boolean;
  /** Parameters that others wrote. */
  readonly foreign: Set<string>;
  /** How it was when the last commit came; undefined when that says nothing about what follows. */
  start: Start | undefined;
}

interface Start {
  readonly live: Instance | undefined;
  readonly plans: number;
}

/** Instances of one Sync, each of a random package, which commits change at random. */
export class RandomFleet {
  readonly name: string;
  readonly #ground: FleetGround;
  readonly #members: readonly Member[];
  readonly #rolledOut: RolledOut;
  readonly #driftPolicy: 'correct' | 'report';
  #work = '';
  #head = '';

  /** A fleet of an odd seed reports drift, the others correct it. */
  constructor(name: string, size: number, seed: number, ground: FleetGround) {
    this.name = name;
    this.#ground = ground;
    this.#driftPolicy = seed % 2 === 1 ? 'report' : 'correct';
    this.#members = Array.from({ length: size }, (_, index) => newMember(index, seed));
    const versions = this.#members.flatMap((member) => member.versions);
    const byName = new Map(versions.map((version) => [version.metadata.name, version]));
    this.#rolledOut = new RolledOut(ground.instances, byName);
  }

  /** The first commit, and the Sync that reads it. */
  async create(): Promise<void> {
    const { sandbox, person, scope } = this.#ground;
    const files = Object.assign({}, ...this.#members.map(memberFiles)) as Record<string, string>;
    const { url } = await sandbox.git.createRepository('shop', this.name, files);
    this.#work = await person.clone(withToken(url, sandbox.user.token), this.name);
    this.#head = await person.head(this.#work);
    for (const member of this.#members) member.start = { live: undefined, plans: 0 };
    const spec = { url, prune: true, driftPolicy: this.#driftPolicy };
    await createNamedSync(this.name, spec, sandbox, scope);
  }

  /** One more commit; the last of all takes away what lets plans fail or hang. */
  async commit(isLast: boolean): Promise<void> {
    const { person, sandbox, scope } = this.#ground;
    const files: Record<string, string | null> = {};
    const leaving = isLast ? [] : this.#members.filter(({ chance }) => chance.below(10) < 1);
    // More at once would be asked about first.
    const gone = new Set(leaving.slice(0, MAX_LEAVING));
    for (const member of this.#members) {
      const staysAway = member.isGone && !isLast && member.chance.below(10) < 5;
      if (gone.has(member) || staysAway) {
        if (!member.isGone) files[`${member.name}.yaml`] = null;
        leave(member);
      } else {
        files[`${member.name}.yaml`] = this.#nextFile(member, isLast);
      }
    }
    // Commits with nothing in them are commits too.
    files['README.md'] = `${String(person.home.length)} ${this.#head}\n`;
    this.#head = await person.commit(this.#work, files, 'Another state');
    await person.push(this.#work).ended;
    await askSync(this.name, this.#head, sandbox, scope);
  }

  #nextFile(member: Member, isLast: boolean): string {
    member.isGone = false;
    const isCalm = this.standing(member.name).kind === 'converged' && member.foreign.size === 0;
    const live = this.#live(member);
    member.start = isCalm
      ? { live, plans: this.#rolledOut.plansOf(`${this.name}/${member.name}`).length }
      : undefined;
    if (isLast) member.wish = mended(member.wish);
    else if (member.chance.below(10) < 6) {
      member.wish = randomWish(member.versions, member.wish, member.chance);
    }
    return wishFile(member);
  }

  /** What failed is to run again. */
  async retry(): Promise<void> {
    const { sandbox, scope } = this.#ground;
    const metadata = { annotations: { 'gitops.kudo.dev/retry': `${this.#head} *` } };
    const path = { ...SYNCS, namespace: this.name, name: this.name };
    await sandbox.client.patch(path, { type: 'merge', body: { metadata } }, scope);
  }

  /** Plans that have failed and that nothing has made good, in the newest Rollout. */
  failedPlans(): readonly string[] {
    return this.#members.flatMap(({ name }) => {
      const records = numberedChanges(this.rollout, `${this.name}/${name}`);
      return records
        .filter(({ n, record }) => isPlanFailure(record) && !isOutdone(n, record, records))
        .map(({ record }) => `${name}, ${record.plan}: ${record.message ?? ''}`);
    });
  }

  /** People with kubectl write to some Instances whatever they like; what KUDO refuses them is their affair. */
  async meddle(share: number): Promise<void> {
    const { sandbox, scope } = this.#ground;
    const chosen = this.#members.filter(({ chance }) => chance.below(100) < share);
    await Promise.all(
      chosen.map(async ({ name, chance, foreign }) => {
        const parameter = chance.of(NAMES);
        const body = { spec: { parameters: { [parameter]: chance.of(VALUES) } } };
        const path = { ...INSTANCES, namespace: this.name, name };
        const patch = { type: 'merge', body } as const;
        const isTaken = await sandbox.client.patch(path, patch, scope).then(
          () => true,
          () => false,
        );
        if (isTaken) foreign.add(parameter);
      }),
    );
  }

  /** The newest Rollout of the newest commit. */
  get rollout(): Rollout | undefined {
    return this.#ground.rollouts
      .list()
      .filter(({ metadata, spec }) => {
        return metadata.namespace === this.name && oidOf(spec.revision) === this.#head;
      })
      .toSorted((a, b) => a.spec.attempt - b.spec.attempt)
      .at(-1);
  }

  /** Instances that are neither as Git says nor said not to be, and why. */
  unsettled(): readonly string[] {
    if (!this.rollout) return [`${this.name}: no Rollout of ${this.#head}`];
    return this.#members.flatMap(({ name }) => {
      const standing = this.standing(name);
      return standing.kind === 'open' ? [`${this.name}/${name}: ${standing.why}`] : [];
    });
  }

  /** How many Instances stand how. */
  counts(): Readonly<Record<Standing['kind'], number>> {
    const counts = { open: 0, stated: 0, converged: 0 };
    for (const { name } of this.#members) counts[this.standing(name).kind] += 1;
    return counts;
  }

  /** What the newest Rollout says, for a test that fails. */
  story(): string {
    return JSON.stringify({ ...this.rollout?.status, outbox: undefined }, null, 1);
  }

  /** Instances that ran more plans for the newest commit than it takes; only the undisturbed are judged. */
  wasted(): { readonly judged: number; readonly complaints: readonly string[] } {
    let judged = 0;
    const complaints = this.#members.flatMap((member) => {
      const { start, foreign, name, versions } = member;
      if (!start || member.isGone || foreign.size > 0 || this.standing(name).kind !== 'converged')
        return [];
      const least = start.live ? fewestPlans(wanted(member), start.live, versions) : 1;
      if (least === undefined) return [];
      judged += 1;
      const ran = this.#rolledOut.plansOf(`${this.name}/${name}`).slice(start.plans);
      if (ran.length === least) return [];
      return [`${this.name}/${name}: ran ${ran.join(', ')}; ${String(least)} would have done`];
    });
    return { judged, complaints };
  }

  /** How the Instance stands towards the newest commit. */
  standing(name: string): Standing {
    const member = this.#members.find((one) => one.name === name);
    const { rollout } = this;
    if (!member || !rollout) return { kind: 'open', why: 'no Rollout' };
    const numbered = numberedChanges(rollout, `${this.name}/${name}`);
    const records = numbered
      .filter(({ n, record }) => !isOutdone(n, record, numbered))
      .map(({ record }) => record);
    const live = this.#live(member);
    if (member.isGone) {
      return live ? this.#gone(rollout) : { kind: 'converged' };
    }
    const open = records.find((record) => isOpen(record, member, live));
    if (open) return { kind: 'open', why: `${open.plan} ${open.state}: ${open.message ?? ''}` };
    return stated(name, records, rollout) ?? this.#converged(member, live, rollout);
  }

  /** Nothing is deleted while a file cannot be read; problems of Instances that were read begin with their key. */
  #gone({ status }: Rollout): Standing {
    const unread = status?.problems?.find((text) => !text.includes(`: ${this.name}/`));
    return unread === undefined
      ? { kind: 'open', why: 'it is there still' }
      : { kind: 'stated', why: unread };
  }

  #converged(member: Member, live: Instance | undefined, rollout: Rollout): Standing {
    if (!live) return { kind: 'open', why: 'it is not there' };
    const different = this.#different(member, live);
    if (different) return different;
    const missing = this.#rolledOut
      .missing(`${this.name}/${member.name}`, live)
      .filter((text) => !member.foreign.has(text.split(' ')[0] ?? ''));
    if (missing.length > 0) return { kind: 'open', why: `not rolled out: ${missing.join(', ')}` };
    return rollout.status?.phase === undefined
      ? { kind: 'open', why: 'new' }
      : { kind: 'converged' };
  }

  #different(member: Member, live: Instance): Standing | undefined {
    const version = live.spec?.operatorVersion?.name;
    if (version !== member.wish.version.metadata.name) {
      return { kind: 'open', why: `it is at ${String(version)}` };
    }
    const { edits, drifted } = parameterDifference(wanted(member), live, member.wish.version);
    if (edits.length > 0) return { kind: 'open', why: `differs in ${JSON.stringify(edits)}` };
    if (drifted.length === 0) return undefined;
    const kind = this.#driftPolicy === 'report' ? 'stated' : 'open';
    return { kind, why: `drift of ${JSON.stringify(drifted)}` };
  }

  #live({ name }: Member): Instance | undefined {
    return this.#ground.instances.get(`${this.name}/${name}`);
  }
}

/** Instances that a commit removes at most: what the Sync deletes without asking. */
const MAX_LEAVING = 2;

function leave(member: Member): void {
  member.isGone = true;
  member.start = undefined;
  member.foreign.clear();
}

const wanted = ({ wish }: Pick<Member, 'wish'>): DesiredInstance =>
  desiredInstance(wish.parameters, { version: wish.version.metadata.name });

function newMember(index: number, seed: number): Member {
  const chance = new Chance(seed, index);
  const versions = randomPackage(`op${String(index)}`, chance);
  const wish = randomWish(versions, undefined, chance);
  return {
    name: `i${String(index)}`,
    versions,
    chance,
    wish,
    isGone: false,
    foreign: new Set(),
    start: undefined,
  };
}

function memberFiles(member: Member): Record<string, string> {
  const [first, second] = member.versions;
  return {
    [`operators/${member.name}-1.yaml`]: operatorFile(first),
    [`operators/${member.name}-2.yaml`]: JSON.stringify(second),
    [`${member.name}.yaml`]: wishFile(member),
  };
}

const wishFile = ({ name, wish }: Member): string =>
  instanceFile(name, wish.parameters, wish.version.metadata.name);
