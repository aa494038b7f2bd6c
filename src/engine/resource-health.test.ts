import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../model/kube-object.ts';
import { healthOf } from './resource-health.ts';

const metadata = { name: 'x', namespace: 'default', generation: 2 };
const ROLLING = { type: 'RollingUpdate', rollingUpdate: { partition: 0 } };

describe('health', () => {
  it.each([
    ['a config map that exists', 'v1', 'ConfigMap', {}, {}, 'healthy'],
    ['a definition not yet established', CRD, 'CustomResourceDefinition', {}, {}, 'unhealthy'],
    [
      'an established definition',
      CRD,
      'CustomResourceDefinition',
      {},
      is('Established'),
      'healthy',
    ],
    ['a pod that runs but is not ready', 'v1', 'Pod', {}, { phase: 'Running' }, 'unhealthy'],
    ['a ready pod', 'v1', 'Pod', {}, { phase: 'Running', ...is('Ready') }, 'healthy'],
    ['a pod that has finished', 'v1', 'Pod', {}, { phase: 'Succeeded' }, 'unhealthy'],
    ['a namespace that goes', 'v1', 'Namespace', {}, { phase: 'Terminating' }, 'unhealthy'],
    ['an active namespace', 'v1', 'Namespace', {}, { phase: 'Active' }, 'healthy'],
    ['a job that runs', 'batch/v1', 'Job', {}, {}, 'unhealthy'],
    ['a job of one completion', 'batch/v1', 'Job', {}, { succeeded: 1 }, 'healthy'],
    [
      'a job of three completions, as KUDO sees it',
      'batch/v1',
      'Job',
      {},
      { succeeded: 3 },
      'unhealthy',
    ],
    ['a job that failed for good', 'batch/v1', 'Job', {}, is('Failed'), 'failed'],
    ['an idle child', 'kudo.dev/v1beta1', 'Instance', { planExecution: {} }, {}, 'healthy'],
    [
      'a child with a plan',
      'kudo.dev/v1beta1',
      'Instance',
      { planExecution: { planName: 'p' } },
      {},
      'unhealthy',
    ],
    ['a service without an address', 'v1', 'Service', {}, {}, 'unhealthy'],
    ['a service with an address', 'v1', 'Service', { clusterIP: '10.0.0.1' }, {}, 'healthy'],
    ['a headless service', 'v1', 'Service', { clusterIP: 'None' }, {}, 'healthy'],
    ['an external name', 'v1', 'Service', { type: 'ExternalName' }, {}, 'healthy'],
    [
      'a load balancer still without one',
      'v1',
      'Service',
      { type: 'LoadBalancer', clusterIP: '10.0.0.1' },
      {},
      'unhealthy',
    ],
    [
      'a load balancer with external addresses',
      'v1',
      'Service',
      { type: 'LoadBalancer', clusterIP: '10.0.0.1', externalIPs: ['1.1.1.1'] },
      {},
      'healthy',
    ],
    [
      'a load balancer with an ingress',
      'v1',
      'Service',
      { type: 'LoadBalancer', clusterIP: '10.0.0.1' },
      { loadBalancer: { ingress: [{}] } },
      'healthy',
    ],
    [
      'a deployment whose newest spec nobody saw',
      'apps/v1',
      'Deployment',
      { replicas: 1 },
      { observedGeneration: 1 },
      'unhealthy',
    ],
    [
      'a deployment with old replicas',
      'apps/v1',
      'Deployment',
      { replicas: 1 },
      { observedGeneration: 2, updatedReplicas: 1, replicas: 2 },
      'unhealthy',
    ],
    [
      'a deployment still creating',
      'apps/v1',
      'Deployment',
      { replicas: 2 },
      { observedGeneration: 2, updatedReplicas: 1 },
      'unhealthy',
    ],
    [
      'a deployment not available',
      'apps/v1',
      'Deployment',
      { replicas: 1 },
      { observedGeneration: 2, updatedReplicas: 1, replicas: 1 },
      'unhealthy',
    ],
    [
      'an available deployment',
      'apps/v1',
      'Deployment',
      { replicas: 1 },
      { observedGeneration: 2, updatedReplicas: 1, replicas: 1, availableReplicas: 1 },
      'healthy',
    ],
    [
      'a deployment past its deadline',
      'apps/v1',
      'Deployment',
      { replicas: 1 },
      {
        observedGeneration: 2,
        conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }],
      },
      'error',
    ],
    [
      'a stateful set updated only on delete',
      'apps/v1',
      'StatefulSet',
      { updateStrategy: { type: 'OnDelete' } },
      {},
      'error',
    ],
    [
      'a stateful set nobody saw',
      'apps/v1',
      'StatefulSet',
      { updateStrategy: ROLLING },
      {},
      'unhealthy',
    ],
    [
      'a stateful set with too few pods',
      'apps/v1',
      'StatefulSet',
      { replicas: 2, updateStrategy: ROLLING },
      { observedGeneration: 2, readyReplicas: 1 },
      'unhealthy',
    ],
    [
      'a stateful set with old pods',
      'apps/v1',
      'StatefulSet',
      { replicas: 2, updateStrategy: ROLLING },
      { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 1 },
      'unhealthy',
    ],
    [
      'a ready stateful set',
      'apps/v1',
      'StatefulSet',
      { replicas: 2, updateStrategy: ROLLING },
      { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 2 },
      'healthy',
    ],
    [
      'a stateful set between revisions',
      'apps/v1',
      'StatefulSet',
      { replicas: 1, updateStrategy: { type: 'RollingUpdate' } },
      { observedGeneration: 2, readyReplicas: 1, updateRevision: 'b', currentRevision: 'a' },
      'unhealthy',
    ],
    [
      'a stateful set at its revision',
      'apps/v1',
      'StatefulSet',
      { replicas: 1, updateStrategy: { type: 'RollingUpdate' } },
      { observedGeneration: 2, readyReplicas: 1, updateRevision: 'b', currentRevision: 'b' },
      'healthy',
    ],
  ] as const)('of %s', (...row) => {
    const [, apiVersion, kind, spec, status, expected] = row;
    const object = { apiVersion, kind, metadata, spec, status } as KubeObject;
    expect(healthOf(object).kind).toBe(expected);
  });

  it('says why a Job failed', () => {
    const failed = { type: 'Failed', status: 'True', message: 'no luck' };
    const status = { conditions: [failed] };
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata, status } as KubeObject;
    expect(healthOf(job)).toEqual({
      kind: 'failed',
      message: 'job "x" has failed terminally: no luck',
    });
  });
});

const CRD = 'apiextensions.k8s.io/v1';

function is(type: string): object {
  return { conditions: [{ type, status: 'True' }] };
}
