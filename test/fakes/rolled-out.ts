import type { ObjectCache } from '../../src/cluster/object-cache.ts';
import { effectiveTrigger } from '../../src/kudo/effective-trigger.ts';
import { findParameter, parametersOf } from '../../src/kudo/find-parameter.ts';
import type { Instance, OperatorVersion } from '../../src/kudo/objects.ts';

interface Run {
  readonly plan: string;
  readonly uid: string;
  readonly version: string;
  /** True for the first run and for an upgrade, which roll out everything. */
  readonly isWhole: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  hasEndedWell: boolean;
}

/**
 * Which values plans have rolled out: a plan that ended well rolls out the parameters whose effective
 * trigger it is; the deployment and an upgrade roll out all.
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
    const runs = (this.#runs.get(key) ?? []).filter(({ hasEndedWell }) => hasEndedWell);
    return (version ? parametersOf(version) : []).flatMap(({ name }) => {
      const last = runs.findLast((run) => covers(run, name, this.#versions.get(run.version)));
      const value = valueOf(live.spec?.parameters, name, version);
      const rolledOut = last && valueOf(last.parameters, name, this.#versions.get(last.version));
      return rolledOut === value ? [] : [`${name} (${String(rolledOut)}, not ${String(value)})`];
    });
  }

  #see(key: string, { spec, status }: Instance): void {
    const runs = this.#runs.get(key) ?? [];
    this.#runs.set(key, runs);
    const present = runIn(spec);
    if (present && !runs.some(({ uid }) => uid === present.uid)) {
      const isWhole = present.plan === 'deploy' || runs.at(-1)?.version !== present.version;
      runs.push({ ...present, isWhole, hasEndedWell: false });
    }
    for (const run of runs) run.hasEndedWell ||= isComplete(run, status);
  }
}

function isComplete({ plan, uid }: Run, status: Instance['status']): boolean {
  const last = status?.planStatus?.[plan];
  return last?.uid === uid && last.status === 'COMPLETE';
}

function runIn(spec: Instance['spec']): Omit<Run, 'isWhole' | 'hasEndedWell'> | undefined {
  const { planName: plan, uid } = spec?.planExecution ?? {};
  if (!plan || !uid) return undefined;
  const version = spec?.operatorVersion?.name ?? '';
  return { plan, uid, version, parameters: spec?.parameters ?? {} };
}

function covers(
  { plan, isWhole }: Run,
  name: string,
  version: OperatorVersion | undefined,
): boolean {
  return isWhole || (version !== undefined && effectiveTrigger(name, version) === plan);
}

function valueOf(
  parameters: Readonly<Record<string, string>> | undefined,
  name: string,
  version: OperatorVersion | undefined,
): string | undefined {
  return parameters?.[name] ?? (version && findParameter(version, name)?.default) ?? undefined;
}
