import type { ObjectCache } from '../../src/cluster/object-cache.ts';
import { INSTANCES, SYNCS } from '../../src/cluster/resources.ts';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import type { Scope } from '../../src/lib/scope.ts';
import type { PlanRun } from '../../src/model/plan-run.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import { parameterDifference } from '../../src/plan/parameter-edits.ts';
import { isOutdone, isPlanFailure } from '../../src/plan/rollout-verdict.ts';
import { Chance } from '../fuzz/chance.ts';
import {
  hangs,
  isOpen,
  namesIn,
  numberedChanges,
  stated,
  type Standing,
} from './fleet-standing.ts';
import { fewestPlans } from './fewest-plans.ts';
import { withToken, type GitPerson } from './git-person.ts';
import { askSync, createNamedSync } from './named-sync.ts';
import {
  leave,
  memberFiles,
  newMember,
  wanted,
  wishFile,
  type RandomMember,
} from './random-member.ts';
import { NAMES, VALUES } from './random-package.ts';
import { mended, randomWish } from './random-wish.ts';
import { hasStopped, RandomRuns } from './random-runs.ts';
import { RolledOut } from './rolled-out.ts';

/** What all fleets share. */
export interface FleetGround {
  readonly sandbox: Sandbox;
  readonly person: GitPerson;
  readonly instances: ObjectCache<Instance>;
  readonly rollouts: ObjectCache<Rollout>;
  readonly planRuns: ObjectCache<PlanRun>;
  readonly scope: Scope;
}

/** Instances of one Sync, each of a random package, which commits change at random. */
export class RandomFleet {
  readonly name: string;
  readonly #ground: FleetGround;
  readonly #members: readonly RandomMember[];
  readonly #rolledOut: RolledOut;
  readonly #runs: RandomRuns;
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
    this.#runs = new RandomRuns(name, ground, new Chance(seed, size));
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
    const names = this.#members.map(({ name }) => name);
    const files: Record<string, string | null> = isLast ? {} : this.#runs.next(names);
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

  #nextFile(member: RandomMember, isLast: boolean): string {
    member.isGone = false;
    const isAlone = member.foreign.size === 0 && !this.#runs.touched.has(member.name);
    const isCalm = isAlone && this.standing(member.name).kind === 'converged';
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
    const open = this.#members.flatMap(({ name }) => {
      const standing = this.standing(name);
      return standing.kind === 'open' ? [`${this.name}/${name}: ${standing.why}`] : [];
    });
    const runs = this.#runs.underWay().filter(({ metadata }) => !this.#isStuck(metadata.name, []));
    return [
      ...open,
      ...runs.map(({ metadata, status }) => JSON.stringify([metadata.name, status])),
    ];
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
      if (least === 'too large') return [];
      judged += 1;
      const ran = this.#rolledOut.plansOf(`${this.name}/${name}`).slice(start.plans);
      if (ran.length === least) return [];
      return [`${this.name}/${name}: ran ${ran.join(', ')}; ${String(least)} would have done`];
    });
    return { judged, complaints };
  }

  /** PlanRuns whose plans ran more or less often than they say. */
  wrongRuns(): readonly string[] {
    return this.#runs.wrong(this.rollout);
  }

  /** How the Instance stands towards the newest commit. */
  standing(name: string, waiting: readonly string[] = []): Standing {
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
    const messages = records.map(({ message }) => message);
    const isStuck = this.#hangs(name) || this.#waitsForStuck(messages, [...waiting, name]);
    const open = records.find((record) => isOpen(record, isStuck));
    if (open) return { kind: 'open', why: `${open.plan} ${open.state}: ${open.message ?? ''}` };
    return stated(name, records, rollout) ?? this.#converged(member, live, rollout);
  }

  /** Whether something that others wait for has come to a stop, and says why. */
  #isStuck(name: string, waiting: readonly string[]): boolean {
    if (waiting.includes(name)) return false;
    const run = this.#runs.get(name);
    if (!run) return this.standing(name, waiting).kind === 'stated';
    if (hasStopped(run) || this.#hangs(run.spec.instance)) return true;
    return this.#waitsForStuck([run.status?.message], [...waiting, name]);
  }

  #waitsForStuck(messages: readonly (string | undefined)[], waiting: readonly string[]): boolean {
    return messages.flatMap(namesIn).some((other) => this.#isStuck(other, waiting));
  }

  #hangs(name: string): boolean {
    const member = this.#members.find((one) => one.name === name);
    const live = member && this.#live(member);
    return member !== undefined && live !== undefined && hangs(live, member);
  }

  /** Nothing is deleted while a file cannot be read; problems of Instances that were read begin with their key. */
  #gone({ status }: Rollout): Standing {
    const unread = status?.problems?.find((text) => !text.includes(`: ${this.name}/`));
    return unread === undefined
      ? { kind: 'open', why: 'it is there still' }
      : { kind: 'stated', why: unread };
  }

  #converged(member: RandomMember, live: Instance | undefined, rollout: Rollout): Standing {
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

  #different(member: RandomMember, live: Instance): Standing | undefined {
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

  #live({ name }: RandomMember): Instance | undefined {
    return this.#ground.instances.get(`${this.name}/${name}`);
  }
}

/** Instances that a commit removes at most: what the Sync deletes without asking. */
const MAX_LEAVING = 2;
