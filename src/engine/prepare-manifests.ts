import { getIfThere } from '../cluster/apply-object.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { CONFIG_MAPS, SECRETS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { ServedKind } from '../cluster/discovery.ts';
import {
  countedContent,
  dependenciesHash,
  dependenciesOf,
  type Dependency,
} from './dependencies-hash.ts';
import { enhancedManifest, ownedManifest, withDependenciesHash } from './enhance-manifest.ts';
import { fatalAt } from './fatal-execution.ts';
import { gvkText, type Manifest } from './manifest.ts';
import { controllerReference, type TaskContext } from './task-context.ts';

/** An object as it is to be applied, and how the API server serves its kind. */
export interface PreparedManifest {
  readonly manifest: Manifest;
  readonly served: ServedKind;
}

/**
 * The manifests with KUDO's conventions: labels, annotations, the Instance's namespace and ownership,
 * hashes of what their pods read (renderer/enhancer.go:42-118). A kind that the API server does not
 * serve is fatal, also when an older API version of it once was.
 */
export async function prepareManifests(
  manifests: readonly Manifest[],
  context: TaskContext,
  scope: Scope,
): Promise<readonly PreparedManifest[]> {
  const enhanced: PreparedManifest[] = [];
  for (const manifest of manifests) enhanced.push(await enhance(manifest, context, scope));
  const local = enhanced.map(({ manifest }) => manifest);
  const prepared: PreparedManifest[] = [];
  for (const { manifest, served } of enhanced)
    prepared.push({ manifest: await withHash(manifest, local, context.client, scope), served });
  return prepared;
}

async function enhance(
  manifest: Manifest,
  context: TaskContext,
  scope: Scope,
): Promise<PreparedManifest> {
  const { place } = context;
  const served = await context.findKind(manifest.apiVersion, manifest.kind, scope);
  const type = `&TypeMeta{Kind:${manifest.kind},APIVersion:${manifest.apiVersion},}`;
  const fatal = (cause: string): Error =>
    fatalAt(place, 'TaskEnhancementError', `fatal error: ${cause}`);
  if (served === undefined)
    throw fatal(
      `failed to determine if object ${type} is namespaced: a resource with GVK ${gvkText(manifest)} seems to be missing in API resource list`,
    );
  const enhanced = enhancedManifest(manifest, place);
  if (!served.isNamespaced) {
    const { namespace: _ignored, ...metadata } = enhanced.metadata;
    return { manifest: { ...enhanced, metadata }, served };
  }
  const owned = ownedManifest(enhanced, place.namespace, controllerReference(context.instance));
  if (owned === undefined)
    throw fatal(
      `setting controller reference on parsed object ${type}: Object ${place.namespace}/${manifest.metadata.name} is already owned by another controller`,
    );
  return { manifest: owned, served };
}

async function withHash(
  manifest: Manifest,
  local: readonly Manifest[],
  client: KubeClient,
  scope: Scope,
): Promise<Manifest> {
  const dependencies = dependenciesOf(manifest);
  if (dependencies.length === 0) return manifest;
  const { namespace = '' } = manifest.metadata;
  const contents: (string | undefined)[] = [];
  for (const dependency of dependencies) {
    const here = local.find((other) => isSame(other, dependency, namespace));
    const resource = dependency.kind === 'Secret' ? SECRETS : CONFIG_MAPS;
    const path = { ...resource, namespace, name: dependency.name };
    const object = here ?? (await getIfThere(client, path, scope));
    contents.push(object && countedContent(object));
  }
  return withDependenciesHash(manifest, dependenciesHash(contents));
}

function isSame(object: KubeObject, { kind, name }: Dependency, namespace: string): boolean {
  const { metadata } = object;
  return (
    object.apiVersion === 'v1' &&
    object.kind === kind &&
    metadata.name === name &&
    metadata.namespace === namespace
  );
}
