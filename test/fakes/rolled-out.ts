import type { ObjectCache } from '../../src/cluster/object-cache.ts';
import { effectiveTrigger } from '../../src/kudo/effective-trigger.ts';
import { findParameter, parametersOf } from '../../src/kudo/find-parameter.ts';
import type { Instance, OperatorVersion, PlanStatus } from '../../src/kudo/objects.ts';

interface Run {
  readonly plan: string;
  readonly uid: string;
  readonly version: string;
  /** True for the first run and for an upgrade, which roll out everything. */
  readonly isWhole: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  hasEndedWell: boolean;
  /** Tasks of steps that are COMPLETE, though the plan may have failed afterwards. */
  readonly done: Set<string>;
}

/**
 * Which values plans have rolled out: a plan that ended well rolls out the parameters whose effective
 * trigger it is; the deployment and an upgrade roll out all. So do runs of other plans that together have
 * run every task of that plan with the value (docs/decisions/0016).
 */
export class RolledOut {
  readonly #runs = new Map<string, Run[]>();
  readonly #versions: ReadonlyMap<string, OperatorVersion>;

  /** @param versions by name */
  constructor(instances: ObjectCache<Instance>, versions: ReadonlyMap<string, OperatorVersion>) {
    this.#versions = versions;
    instances.onChange((key, instance) => {
      if (instance) this.#see(key, instance);
      else this.#runs.delete(key);
    });
  }

  /** Plans of one Instance, in their order. */
  plansOf(key: string): readonly string[] {
    return (this.#runs.get(key) ?? []).map(({ plan }) => plan);
  }

  /** Names of parameters whose live values no plan has rolled out that covers them. */
  missing(key: string, live: Instance): readonly string[] {
    const version = this.#versions.get(live.spec?.operatorVersion?.name ?? '');
    if (!version) return [];
    const runs = this.#runs.get(key) ?? [];
    return parametersOf(version).flatMap(({ name }) => {
      const value = valueOf(live.spec?.parameters, name, version);
      const says = (run: Run | undefined): string | undefined =>
        run && valueOf(run.parameters, name, this.#versions.get(run.version));
      const last = runs.findLast((run) => covers(run, name, this.#versions.get(run.version)));
      if (last && says(last) === value) return [];
      const parts = tasksOf(effectiveTrigger(name, version), version).map((task) =>
        runs.findLast(({ done, version: of }) => of === version.metadata.name && done.has(task)),
      );
      if (parts.length > 0 && parts.every((run) => run && says(run) === value)) return [];
      return [`${name} (${String(says(last))}, not ${String(value)})`];
    });
  }

  #see(key: string, { spec, status }: Instance): void {
    const runs = this.#runs.get(key) ?? [];
    this.#runs.set(key, runs);
    const present = runIn(spec);
    if (present) begin(present, runs);
    for (const run of runs) {
      const last = status?.planStatus?.[run.plan];
      if (last?.uid === run.uid) note(run, last, this.#versions.get(run.version));
    }
  }
}

function begin(present: Present, runs: Run[]): void {
  if (runs.some(({ uid }) => uid === present.uid)) return;
  const isWhole = present.plan === 'deploy' || runs.at(-1)?.version !== present.version;
  runs.push({ ...present, isWhole, hasEndedWell: false, done: new Set() });
}

function note(
  run: Run,
  { status, phases }: PlanStatus,
  version: OperatorVersion | undefined,
): void {
  run.hasEndedWell ||= status === 'COMPLETE';
  const steps = (phases ?? []).flatMap((phase) => phase.steps ?? []);
  const complete = new Set(
    steps.filter((one) => one.status === 'COMPLETE').map(({ name }) => name),
  );
  for (const { name, tasks } of stepsOf(run.plan, version)) {
    if (complete.has(name)) for (const task of tasks ?? []) run.done.add(task);
  }
}

const stepsOf = (plan: string | undefined, version: OperatorVersion | undefined) =>
  (version?.spec?.plans?.[plan ?? '']?.phases ?? []).flatMap(({ steps }) => steps ?? []);

const tasksOf = (plan: string | undefined, version: OperatorVersion): readonly string[] =>
  stepsOf(plan, version).flatMap(({ tasks }) => tasks ?? []);

type Present = Omit<Run, 'isWhole' | 'hasEndedWell' | 'done'>;

function runIn(spec: Instance['spec']): Present | undefined {
  const { planName: plan, uid } = spec?.planExecution ?? {};
  if (!plan || !uid) return undefined;
  const version = spec?.operatorVersion?.name ?? '';
  return { plan, uid, version, parameters: spec?.parameters ?? {} };
}

function covers(
  { plan, isWhole, hasEndedWell }: Run,
  name: string,
  version: OperatorVersion | undefined,
): boolean {
  if (!hasEndedWell) return false;
  return isWhole || (version !== undefined && effectiveTrigger(name, version) === plan);
}

function valueOf(
  parameters: Readonly<Record<string, string>> | undefined,
  name: string,
  version: OperatorVersion | undefined,
): string | undefined {
  return parameters?.[name] ?? (version && findParameter(version, name)?.default) ?? undefined;
}
