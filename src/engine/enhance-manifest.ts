import type { OwnerReference } from '../model/kube-object.ts';
import type { TaskPlace } from './fatal-execution.ts';
import { isJsonObject, valueAt, withValueAt, type JsonObject } from './json-object.ts';
import { groupVersionOf, type Manifest } from './manifest.ts';

/** Annotation with the JSON of what was applied last, for three-way merges. */
export const LAST_APPLIED = 'kudo.dev/last-applied-configuration';
const DEPENDENCIES_HASH = 'kudo.dev/dependencies-hash';

/**
 * `manifest` with KUDO's conventions: labels on the object, its pod template and its volume claim
 * templates; the operator's version on the pod template; the plan run on the object
 * (renderer/enhancer.go:121-172, labels.go).
 */
export function enhancedManifest(manifest: Manifest, place: TaskPlace): Manifest {
  const labels = {
    heritage: 'kudo',
    'kudo.dev/operator': place.operatorName,
    'kudo.dev/instance': place.instanceName,
  };
  const runAnnotations = {
    'kudo.dev/plan': place.planName,
    'kudo.dev/phase': place.phaseName,
    'kudo.dev/step': place.stepName,
    'kudo.dev/last-plan-execution-uid': place.planUid,
  };
  let enhanced: JsonObject = withTextValues(manifest, ['metadata', 'labels'], labels);
  for (const path of podTemplatePaths(manifest))
    enhanced = withTextValues(enhanced, [...path, 'metadata', 'labels'], labels);
  enhanced = withClaimLabels(enhanced, manifest, labels);
  enhanced = withTemplateAnnotations(enhanced, manifest, {
    'kudo.dev/operator-version': place.operatorVersion,
  });
  return withTextValues(enhanced, ['metadata', 'annotations'], runAnnotations) as Manifest;
}

/** `manifest` with the hash of what its pods read, so that they restart when that changes. */
export function withDependenciesHash(manifest: Manifest, hash: string): Manifest {
  return withTemplateAnnotations(manifest, manifest, { [DEPENDENCIES_HASH]: hash }) as Manifest;
}

/** `manifest` in `namespace` and controlled by `owner`; undefined when something else controls it. */
export function ownedManifest(
  manifest: Manifest,
  namespace: string,
  owner: OwnerReference,
): Manifest | undefined {
  const others = (manifest.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.uid);
  if (others.some(({ controller }) => controller === true)) return undefined;
  return {
    ...manifest,
    metadata: { ...manifest.metadata, namespace, ownerReferences: [...others, owner] },
  };
}

const ANY_GROUP_WORKLOADS = ['ReplicationController', 'ReplicaSet', 'DaemonSet'];
const WORKLOADS = new Set(['apps/StatefulSet', 'apps/Deployment', 'batch/Job']);

/** Where the pod template of a manifest of this kind stands (renderer/consts.go:36-65). */
function podTemplatePaths({ apiVersion, kind }: Manifest): readonly (readonly string[])[] {
  const { group } = groupVersionOf(apiVersion);
  if (group === 'batch' && kind === 'CronJob') return [['spec', 'jobTemplate', 'spec', 'template']];
  if (ANY_GROUP_WORKLOADS.includes(kind) || WORKLOADS.has(`${group}/${kind}`))
    return [['spec', 'template']];
  return [];
}

function withTemplateAnnotations(
  object: JsonObject,
  { apiVersion, kind }: Manifest,
  annotations: Readonly<Record<string, string>>,
): JsonObject {
  return podTemplatePaths({ apiVersion, kind, metadata: { name: '' } }).reduce(
    (enhanced, path) => withTextValues(enhanced, [...path, 'metadata', 'annotations'], annotations),
    object,
  );
}

function withClaimLabels(
  object: JsonObject,
  { apiVersion, kind }: Manifest,
  labels: Readonly<Record<string, string>>,
): JsonObject {
  const { group } = groupVersionOf(apiVersion);
  if (group !== 'apps' || kind !== 'StatefulSet') return object;
  const path = ['spec', 'volumeClaimTemplates'];
  const claims = valueAt(object, path);
  if (!Array.isArray(claims)) return object;
  const labelled = claims.map((claim: unknown) =>
    isJsonObject(claim) ? withTextValues(claim, ['metadata', 'labels'], labels) : claim,
  );
  return withValueAt(object, path, labelled) ?? object;
}

/** Merges `values` into the map of texts at `path`; anything else there is left alone, as KUDO does. */
function withTextValues(
  object: JsonObject,
  path: readonly string[],
  values: Readonly<Record<string, string>>,
): JsonObject {
  const before = valueAt(object, path) ?? {};
  if (!isJsonObject(before)) return object;
  if (Object.values(before).some((value) => typeof value !== 'string')) return object;
  return withValueAt(object, path, { ...before, ...values }) ?? object;
}
