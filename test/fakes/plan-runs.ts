import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { ObjectCache } from '../../src/cluster/object-cache.ts';
import { INSTANCES } from '../../src/cluster/resources.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import type { Scope } from '../../src/lib/scope.ts';

/** One execution of a plan, as the Instance showed it. */
export interface PlanRun {
  readonly plan: string;
  readonly uid: string;
  /** Status under its own uid; undefined until there is one. */
  status: string | undefined;
}

/** Every plan run of every Instance, in the order in which they were seen. */
export class PlanRuns {
  readonly #runs = new Map<string, PlanRun[]>();
  readonly #cache: ObjectCache<Instance>;

  /** Sees everything that happens to Instances from now on. */
  static async watch(client: KubeClient, scope: Scope): Promise<PlanRuns> {
    const cache = new ObjectCache<Instance>({ client, path: INSTANCES });
    const runs = new PlanRuns(cache);
    cache.start(scope);
    await cache.synced;
    return runs;
  }

  constructor(cache: ObjectCache<Instance>) {
    this.#cache = cache;
    cache.onChange((key, instance) => {
      if (instance) this.#see(key, instance);
    });
  }

  /** Runs of one Instance, `<namespace>/<name>`. */
  of(key: string): readonly PlanRun[] {
    return this.#runs.get(key) ?? [];
  }

  /** Instances that ran something. */
  keys(): readonly string[] {
    return [...this.#runs.keys()].toSorted();
  }

  get instances(): readonly Instance[] {
    return this.#cache.list();
  }

  #see(key: string, { spec, status }: Instance): void {
    const { planName, uid } = spec?.planExecution ?? {};
    if (planName && uid) this.#note(key, planName, uid, undefined);
    for (const [plan, run] of Object.entries(status?.planStatus ?? {})) {
      if (run.uid) this.#note(key, plan, run.uid, run.status);
    }
  }

  #note(key: string, plan: string, uid: string, status: string | undefined): void {
    const runs = this.#runs.get(key) ?? [];
    this.#runs.set(key, runs);
    const known = runs.find((run) => run.uid === uid);
    if (known) known.status = status ?? known.status;
    else runs.push({ plan, uid, status });
  }
}
