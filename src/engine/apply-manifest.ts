import { getIfThere } from '../cluster/apply-object.ts';
import type { ResourcePath } from '../cluster/kube-client.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import { jsonOrUndefined } from '../lib/json-or-undefined.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { LAST_APPLIED } from './enhance-manifest.ts';
import { fatalAt, FatalExecution } from './fatal-execution.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { groupVersionOf, gvkText, type Manifest } from './manifest.ts';
import type { PreparedManifest } from './prepare-manifests.ts';
import type { TaskContext } from './task-context.ts';
import { threeWayPatch } from './three-way-patch.ts';

/**
 * Creates the object, or brings the one that is there to it by a three-way merge; the object as the
 * API server answered it. An object that has annotations but not KUDO's is not ours to merge: fatal,
 * as in KUDO (task/task_apply.go:107-294).
 */
export async function applyManifest(
  { manifest, served }: PreparedManifest,
  context: TaskContext,
  scope: Scope,
): Promise<KubeObject> {
  const path = pathOfManifest({ manifest, served });
  const annotated = withLastApplied(manifest);
  const current = await getIfThere<Manifest>(context.client, path, scope);
  if (current === undefined) {
    const { name: _name, ...collection } = path;
    return context.client.create(collection, annotated, {}, scope);
  }
  const where = `${gvkText(manifest)} ${manifest.metadata.namespace ?? ''}/${manifest.metadata.name}`;
  const patch = threeWayPatch(
    { original: originalOf(current, where, context), modified: annotated, current },
    isBuiltIn(manifest),
  );
  if (Object.keys(patch).length === 0) return current;
  try {
    return await context.client.patch(path, { type: 'merge', body: patch }, scope);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const message = `failed to patch a ${where}: failed to execute patch: ${messageOf(thrown)}`;
    throw new Failure(thrown.kind, message, { cause: thrown });
  }
}

/** Where the object lives in the API. */
export function pathOfManifest({ manifest, served }: PreparedManifest): ResourcePath {
  const { namespace, name } = manifest.metadata;
  const { group, version, plural } = served;
  return { group, version, plural, name, ...(served.isNamespaced && { namespace }) };
}

function withLastApplied(manifest: Manifest): Manifest {
  const annotations = {
    ...manifest.metadata.annotations,
    [LAST_APPLIED]: JSON.stringify(manifest),
  };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

function originalOf(current: Manifest, where: string, { place }: TaskContext): JsonObject {
  const { annotations } = current.metadata;
  if (annotations === undefined) return {};
  const text = annotations[LAST_APPLIED];
  if (text === undefined) throw unusable('LastAppliedConfigAnnotation is not set');
  if (text === '') return {};
  const parsed = jsonOrUndefined(text);
  if (!isJsonObject(parsed)) throw unusable('LastAppliedConfigAnnotation is invalid JSON');
  return parsed;

  function unusable(why: string): FatalExecution {
    const cause = `failed to get original configuration ${why}`;
    const { event, message } = fatalAt(place, 'TaskRenderingError', cause);
    return new FatalExecution(event, `failed to patch a ${where}: ${message}`);
  }
}

/** Kinds that KUDO knows as Go types, whose lists it merges by key (task/task_apply.go:188-202). */
function isBuiltIn({ apiVersion }: Manifest): boolean {
  const { group } = groupVersionOf(apiVersion);
  if (group === 'apiextensions.k8s.io') return false;
  return !group.includes('.') || group.endsWith('.k8s.io');
}
