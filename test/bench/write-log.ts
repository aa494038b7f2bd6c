import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { ObjectCache } from '../../src/cluster/object-cache.ts';
import { INSTANCES, ROLLOUTS } from '../../src/cluster/resources.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { Rollout } from '../../src/model/rollout.ts';

/** One plan run, with the times at which it was seen; epoch milliseconds. */
interface SeenRun {
  readonly uid: string;
  readonly writtenAt: number;
  endedAt: number | undefined;
}

/** When Instances were written and their plans ended, as a watcher sees it. */
export class WriteLog {
  readonly #runs = new Map<string, SeenRun[]>();
  readonly #rollouts: ObjectCache<Rollout>;
  #wake: (() => void)[] = [];

  static async start(client: KubeClient, scope: Scope): Promise<WriteLog> {
    const instances = new ObjectCache<Instance>({ client, path: INSTANCES });
    const rollouts = new ObjectCache<Rollout>({ client, path: ROLLOUTS });
    const log = new WriteLog(instances, rollouts);
    for (const cache of [instances, rollouts]) cache.start(scope);
    await Promise.all([instances.synced, rollouts.synced]);
    return log;
  }

  constructor(instances: ObjectCache<Instance>, rollouts: ObjectCache<Rollout>) {
    this.#rollouts = rollouts;
    instances.onChange((_, instance) => {
      if (instance) this.#see(instance);
      this.#notify();
    });
    rollouts.onChange(() => {
      this.#notify();
    });
  }

  /** The last run of an Instance. */
  last(name: string): SeenRun | undefined {
    return this.#runs.get(name)?.at(-1);
  }

  /** Resolves as soon as every one of these Instances has a `count`-th run that has ended; gives those runs. */
  async ended(names: readonly string[], count: number): Promise<readonly SeenRun[]> {
    const runOf = (name: string): SeenRun | undefined => this.#runs.get(name)?.[count - 1];
    await this.#until(() => names.every((name) => runOf(name)?.endedAt !== undefined));
    return names.map(runOf).filter((run) => run !== undefined);
  }

  /** Resolves when the commit's rollout has succeeded. */
  async verdict(commit: string): Promise<void> {
    await this.#until(() =>
      this.#rollouts
        .list()
        .some(
          ({ spec, status }) => oidOf(spec.revision) === commit && status?.phase === 'succeeded',
        ),
    );
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  #see(instance: Instance): void {
    const { name } = instance.metadata;
    const runs = this.#runs.get(name) ?? [];
    this.#runs.set(name, runs);
    const now = Date.now();
    const uid = instance.spec?.planExecution?.uid;
    const isNew = uid !== undefined && uid !== '' && runs.every((run) => run.uid !== uid);
    if (isNew) runs.push({ uid, writtenAt: now, endedAt: undefined });
    const ended = completed(instance);
    for (const run of runs) if (ended.has(run.uid)) run.endedAt ??= now;
  }
}

/** uids of the runs that have ended well. */
function completed({ status }: Instance): ReadonlySet<string | undefined> {
  const plans = Object.values(status?.planStatus ?? {});
  return new Set(plans.filter((plan) => plan.status === 'COMPLETE').map(({ uid }) => uid));
}
