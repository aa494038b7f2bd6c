import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { applyManifest } from './apply-manifest.ts';
import { fatalAt } from './fatal-execution.ts';
import { prepareManifests } from './prepare-manifests.ts';
import { renderResources } from './render-resources.ts';
import { healthOf } from './resource-health.ts';
import type { TaskOutcome } from './run-plan.ts';
import type { TaskContext } from './task-context.ts';

/** Applies the named templates; done when every object is healthy (task/task_apply.go:43-79). */
export async function runApplyTask(
  resources: readonly string[],
  context: TaskContext,
  scope: Scope,
): Promise<TaskOutcome> {
  const manifests = await renderResources(resources, context);
  const prepared = await prepareManifests(manifests, context, scope);
  const applied: KubeObject[] = [];
  for (const manifest of prepared) applied.push(await applyManifest(manifest, context, scope));
  return healthOutcome(applied, context, scope);
}

function healthOutcome(
  applied: readonly KubeObject[],
  { place }: TaskContext,
  scope: Scope,
): TaskOutcome {
  for (const object of applied) {
    const health = healthOf(object);
    if (health.kind === 'healthy') continue;
    const { namespace = '', name } = object.metadata;
    if (health.kind === 'failed')
      throw fatalAt(
        place,
        'FailedTerminalStateError',
        `object ${namespace}/${name} is NOT healthy: fatal error: HealthUtil: ${health.message}`,
      );
    scope.log.debug('waiting for an object to become healthy', {
      object: `${object.kind} ${namespace}/${name}`,
      why: health.message,
    });
    return { kind: 'waiting' };
  }
  return { kind: 'done' };
}
