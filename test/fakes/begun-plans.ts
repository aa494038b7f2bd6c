import type { ObjectCache } from '../../src/cluster/object-cache.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import { parseToken, type ChangeToken } from '../../src/model/change-token.ts';
import { ANNOTATION } from '../../src/model/names.ts';

/** Which plans the writes began that asked for a plan and changed nothing else: those of PlanRuns. */
export class BegunPlans {
  readonly #uids = new Map<string, Set<string>>();

  /** Sees the Instances of one namespace. */
  constructor(namespace: string, instances: ObjectCache<Instance>) {
    const before = new Map<string, Instance>();
    instances.onChange((key, instance) => {
      if (!key.startsWith(`${namespace}/`)) return;
      if (!instance) {
        before.delete(key);
        return;
      }
      this.#see(instance, before.get(key));
      before.set(key, instance);
    });
  }

  /** uids of plans that began under a token of `tokenId`. */
  of(token: string): readonly string[] {
    return [...(this.#uids.get(token) ?? [])];
  }

  #see(now: Instance, before: Instance | undefined): void {
    const uid = uidIn(now);
    if (uid === undefined || uid === uidIn(before)) return;
    const token = tokenOf(now);
    // Others who change a parameter leave our token where it is.
    if (!token || valuesOf(now) !== valuesOf(before)) return;
    this.#uids.set(token.id, (this.#uids.get(token.id) ?? new Set()).add(uid));
  }
}

/** That of the write that asked for the plan that runs. */
function tokenOf({ metadata, spec }: Instance): ChangeToken | undefined {
  const token = parseToken(metadata.annotations?.[ANNOTATION.change]);
  return token?.plan === spec?.planExecution?.planName ? token : undefined;
}

function uidIn(instance: Instance | undefined): string | undefined {
  const { planName, uid } = instance?.spec?.planExecution ?? {};
  return planName ? uid : undefined;
}

function valuesOf(instance: Instance | undefined): string {
  const { operatorVersion, parameters = {} } = instance?.spec ?? {};
  const sorted = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([operatorVersion?.name, sorted]);
}
