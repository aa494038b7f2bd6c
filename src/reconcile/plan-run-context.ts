import { suggestionHint } from '../desired/suggest.ts';
import type { Instance } from '../kudo/objects.ts';
import { versionReference } from '../kudo/version-reference.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { PlanRunContext } from '../plan/plan-runs.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import type { Caches } from './cluster-view.ts';
import { planContext } from './plan-revision.ts';
import type { ReplacingRevision } from './replace-policy.ts';

type Known = Pick<Caches, 'instances' | 'operatorVersions' | 'planRuns' | 'planSchedules'> &
  Partial<Pick<Caches, 'syncs'>>;

/** Whose PlanRuns and PlanSchedules are judged. */
export interface RunAsker {
  /** Of the Sync; undefined when none asks. */
  readonly uid: string | undefined;
  /** True when no earlier commit was carried out; false when absent. */
  readonly isFirstSync?: (() => boolean) | undefined;
}

/** How PlanRuns and PlanSchedules of a revision are judged against the cluster. */
export function planRunContext(
  revision: ReplacingRevision,
  caches: Known,
  { uid: syncUid, isFirstSync = () => false }: RunAsker,
): PlanRunContext {
  const { instances } = revision.desired;
  const versions = planContext(revision, caches);
  const plansOf = (key: ObjectKey): readonly string[] | undefined => {
    const reference = versionOf(instances.get(key), caches.instances.get(key));
    const version = reference && versions.findDesired(reference.namespace, reference.name);
    return version && Object.keys(version.spec?.plans ?? {});
  };
  return {
    syncUid,
    findDesired: (key) => instances.get(key),
    findObserved: (key) => caches.instances.get(key),
    findRun: (key) => caches.planRuns.get(key),
    findSchedule: (key) => caches.planSchedules.get(key),
    isFirstSync,
    // Where Syncs cannot be listed, every owner counts as one that is there.
    isSync: (uid) => caches.syncs?.list().some(({ metadata }) => metadata.uid === uid) ?? true,
    plansOf,
    instancesIn: (namespace) => [
      ...[...instances.values()]
        .filter((one) => one.namespace === namespace)
        .map(({ name }) => name),
      ...caches.instances
        .list()
        .filter(({ metadata }) => metadata.namespace === namespace)
        .map(({ metadata }) => metadata.name),
    ],
    suggest: suggestionHint,
  };
}

function versionOf(
  desired: DesiredInstance | undefined,
  observed: Instance | undefined,
): { readonly namespace: string; readonly name: string } | undefined {
  if (desired) return referenceOf(desired);
  return observed && versionReference(observed);
}
