import type { ObjectCache } from '../../src/cluster/object-cache.ts';
import { INSTANCES } from '../../src/cluster/resources.ts';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import type { Instance, OperatorVersion, Plan } from '../../src/kudo/objects.ts';
import { runningPlan } from '../../src/kudo/plan-status.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { ChangeRecord, Rollout } from '../../src/model/rollout.ts';
import type { DesiredInstance } from '../../src/model/desired.ts';
import { parameterDifference } from '../../src/plan/parameter-edits.ts';
import { desiredInstance } from '../builders.ts';
import { Chance } from '../fuzz/chance.ts';
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
  /** Parameters that others wrote. */
  readonly foreign: Set<string>;
  /** How it was when the last commit came; undefined when that says nothing about what follows. */
  start: Start | undefined;
}

interface Start {
  readonly live: Instance | undefined;
  readonly plans: number;
}

/** How an Instance stands towards the newest commit. */
type Standing =
  | { readonly kind: 'open'; readonly why: string }
  /** Not as Git says, and the Rollout says why. */
  | { readonly kind: 'stated'; readonly why: string }
  | { readonly kind: 'converged' };

/** Instances of one Sync, each of a random package, which commits change at random. */
export class RandomFleet {
  readonly name: string;
  readonly #ground: FleetGround;
  readonly #members: readonly Member[];
  readonly #rolledOut: RolledOut;
  #work = '';
  #head = '';

  constructor(name: string, size: number, seed: number, ground: FleetGround) {
    this.name = name;
    this.#ground = ground;
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
    await createNamedSync(this.name, { url }, sandbox, scope);
  }

  /** One more commit; the last of all takes away what lets plans fail or hang. */
  async commit(isLast: boolean): Promise<void> {
    const { person, sandbox, scope } = this.#ground;
    const files: Record<string, string> = {};
    for (const member of this.#members) {
      const isCalm = this.standing(member.name).kind === 'converged' && member.foreign.size === 0;
      const live = this.#live(member);
      member.start = isCalm ? { live, plans: this.#plans(member) } : undefined;
      if (isLast) member.wish = mended(member.wish);
      else if (member.chance.below(10) < 6) {
        member.wish = randomWish(member.versions, member.wish, member.chance);
      }
      files[`${member.name}.yaml`] = wishFile(member);
    }
    // Commits with nothing in them are commits too.
    files['README.md'] = `${String(person.home.length)} ${this.#head}\n`;
    this.#head = await person.commit(this.#work, files, 'Another state');
    await person.push(this.#work).ended;
    await askSync(this.name, this.#head, sandbox, scope);
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
    const { phase, message, problems, changes } = this.rollout?.status ?? {};
    return JSON.stringify({ phase, message, problems, changes }, null, 1);
  }

  /** Instances that ran more plans for the newest commit than it takes; only the undisturbed are judged. */
  wasted(): { readonly judged: number; readonly complaints: readonly string[] } {
    let judged = 0;
    const complaints = this.#members.flatMap((member) => {
      const { start, foreign, name, versions } = member;
      if (!start || foreign.size > 0 || this.standing(name).kind !== 'converged') return [];
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
    const prefix = `${this.name}/${name}/`;
    const records = Object.entries(rollout.status?.changes ?? {})
      .filter(([key]) => key.startsWith(prefix))
      .map(([, record]) => record);
    const live = this.#live(member);
    const open = records.find((record) => isOpen(record, member, live));
    if (open) return { kind: 'open', why: `${open.plan} ${open.state}: ${open.message ?? ''}` };
    return stated(name, records, rollout) ?? this.#converged(member, live, rollout);
  }

  #converged(member: Member, live: Instance | undefined, rollout: Rollout): Standing {
    if (!live) return { kind: 'open', why: 'it is not there' };
    const version = live.spec?.operatorVersion?.name;
    if (version !== member.wish.version.metadata.name) {
      return { kind: 'open', why: `it is at ${String(version)}` };
    }
    const { edits, drifted } = parameterDifference(wanted(member), live, member.wish.version);
    if (edits.length > 0) return { kind: 'open', why: `differs in ${JSON.stringify(edits)}` };
    if (drifted.length > 0) return { kind: 'stated', why: 'drift' };
    const missing = this.#rolledOut
      .missing(`${this.name}/${member.name}`, live)
      .filter((text) => !member.foreign.has(text.split(' ')[0] ?? ''));
    if (missing.length > 0) return { kind: 'open', why: `not rolled out: ${missing.join(', ')}` };
    return rollout.status?.phase === undefined
      ? { kind: 'open', why: 'new' }
      : { kind: 'converged' };
  }

  #live({ name }: Member): Instance | undefined {
    return this.#ground.instances.get(`${this.name}/${name}`);
  }

  #plans({ name }: Member): number {
    return this.#rolledOut.plansOf(`${this.name}/${name}`).length;
  }
}

const DONE: ReadonlySet<string> = new Set(['succeeded', 'restarted', 'moved']);

/** Not at its end, other than by a plan that hangs or what waits for that. */
function isOpen(
  { state }: ChangeRecord,
  { versions }: Member,
  live: Instance | undefined,
): boolean {
  if (state === 'sending') return true;
  const isUnder = state === 'planned' || state === 'running' || state === 'waiting';
  return isUnder && !(live && hangs(live, versions));
}

/** A plan runs that applies what never gets ready. */
function hangs(live: Instance, versions: Member['versions']): boolean {
  const { operatorVersion, parameters } = live.spec ?? {};
  const version = versions.find(({ metadata }) => metadata.name === operatorVersion?.name);
  const plan = version?.spec?.plans?.[runningPlan(live)?.plan ?? ''];
  return parameters?.['OUTCOME'] === 'fail' && stepNames(plan).includes('server');
}

const stepNames = (plan: Plan | null | undefined): readonly string[] =>
  (plan?.phases ?? []).flatMap(({ steps }) => (steps ?? []).map(({ name }) => name));

/** What the Rollout says of an Instance that is not as Git says. */
function stated(
  name: string,
  records: readonly ChangeRecord[],
  rollout: Rollout,
): Standing | undefined {
  const record = records.find(({ state }) => !DONE.has(state));
  if (record) return statement(record, rollout);
  const problem = rollout.status?.problems?.find((text) => text.startsWith(`${name}.yaml:`));
  return problem === undefined ? undefined : { kind: 'stated', why: problem };
}

function statement({ plan, state, message = '' }: ChangeRecord, { status }: Rollout): Standing {
  const why = `${plan} ${state}: ${message}`;
  const isSaid = state === 'running' || state === 'planned' || message !== '';
  const isRight = status?.phase === 'failed' || status?.phase === 'progressing';
  return isSaid && isRight ? { kind: 'stated', why } : { kind: 'open', why: `unsaid: ${why}` };
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
