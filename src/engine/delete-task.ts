import { getIfThere } from '../cluster/apply-object.ts';
import { KubeError, type ResourcePath } from '../cluster/kube-client.ts';
import type { Scope } from '../lib/scope.ts';
import { pathOfManifest } from './apply-manifest.ts';
import type { Manifest } from './manifest.ts';
import { renderResources } from './render-resources.ts';
import type { TaskOutcome } from './run-plan.ts';
import type { TaskContext } from './task-context.ts';

/**
 * Deletes what the named templates describe, dependents first; done when all of it is gone. Kinds
 * that the API server does not serve are gone already (task/task_delete.go:26-98).
 */
export async function runDeleteTask(
  resources: readonly string[],
  context: TaskContext,
  scope: Scope,
): Promise<TaskOutcome> {
  const manifests = await renderResources(resources, context);
  const paths: ResourcePath[] = [];
  for (const manifest of manifests) {
    const path = await findPath(manifest, context, scope);
    if (path !== undefined) paths.push(path);
  }
  for (const path of paths) await deleteIfThere(path, context, scope);
  for (const path of paths)
    if ((await getIfThere(context.client, path, scope)) !== undefined) return { kind: 'waiting' };
  return { kind: 'done' };
}

async function findPath(
  manifest: Manifest,
  { findKind, place }: TaskContext,
  scope: Scope,
): Promise<ResourcePath | undefined> {
  const served = await findKind(manifest.apiVersion, manifest.kind, scope);
  if (served === undefined) return undefined;
  const metadata = { ...manifest.metadata, namespace: place.namespace };
  return pathOfManifest({ manifest: { ...manifest, metadata }, served });
}

async function deleteIfThere(
  path: ResourcePath,
  { client }: TaskContext,
  scope: Scope,
): Promise<void> {
  try {
    await client.delete(path, { propagationPolicy: 'Foreground' }, scope);
  } catch (thrown) {
    if (!(thrown instanceof KubeError && thrown.code === 404)) throw thrown;
  }
}
