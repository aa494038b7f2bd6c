import type { KubeObject } from '../model/kube-object.ts';
import { healthOf } from './resource-health.ts';

/** What the Ready condition of an idle Instance says; `unknown` when a check itself failed. */
export type ResourcesReadiness =
  | {
      readonly kind: 'known';
      readonly reason: 'ResourcesReady' | 'ResourceNotReady';
      readonly message: string;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** An idle Instance is ready when all workloads with its labels are healthy (pkg/kubernetes/status/readiness.go:20-44). */
export function resourcesReadiness(resources: readonly KubeObject[]): ResourcesReadiness {
  const messages: string[] = [];
  for (const resource of resources) {
    const health = healthOf(resource);
    if (health.kind === 'error') return { kind: 'unknown', reason: health.message };
    if (health.kind !== 'healthy') messages.push(health.message);
  }
  const reason = messages.length === 0 ? 'ResourcesReady' : 'ResourceNotReady';
  return { kind: 'known', reason, message: messages.join(', ') };
}
