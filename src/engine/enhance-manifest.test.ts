import { describe, expect, it } from 'vitest';
import { enhancedManifest, ownedManifest, withDependenciesHash } from './enhance-manifest.ts';
import type { Manifest } from './manifest.ts';

const PLACE = {
  namespace: 'default',
  instanceName: 'demo',
  operatorName: 'op',
  operatorVersion: '1.0.0',
  appVersion: '',
  planName: 'deploy',
  planUid: 'u',
  phaseName: 'main',
  stepName: 'all',
  taskName: 'app',
};
const LABELS = { heritage: 'kudo', 'kudo.dev/operator': 'op', 'kudo.dev/instance': 'demo' };
const VERSION = { 'kudo.dev/operator-version': '1.0.0' };

function manifest(apiVersion: string, kind: string, spec?: object): Manifest {
  return { apiVersion, kind, metadata: { name: 'x', labels: { own: 'yes' } }, spec };
}

describe('a manifest with KUDO’s conventions', () => {
  it('keeps its own labels and names the plan run', () => {
    expect(enhancedManifest(manifest('v1', 'ConfigMap'), PLACE).metadata).toEqual({
      name: 'x',
      labels: { own: 'yes', ...LABELS },
      annotations: {
        'kudo.dev/plan': 'deploy',
        'kudo.dev/phase': 'main',
        'kudo.dev/step': 'all',
        'kudo.dev/last-plan-execution-uid': 'u',
      },
    });
  });

  it('marks the pod template and the claims of a StatefulSet, but not with the plan', () => {
    const spec = { template: {}, volumeClaimTemplates: [{ metadata: { name: 'data' } }] };
    expect(enhancedManifest(manifest('apps/v1', 'StatefulSet', spec), PLACE)['spec']).toEqual({
      template: { metadata: { labels: LABELS, annotations: VERSION } },
      volumeClaimTemplates: [{ metadata: { name: 'data', labels: LABELS } }],
    });
  });

  it('marks the pod template inside a CronJob', () => {
    const spec = { jobTemplate: { spec: { template: {} } } };
    expect(enhancedManifest(manifest('batch/v1', 'CronJob', spec), PLACE)['spec']).toEqual({
      jobTemplate: {
        spec: { template: { metadata: { labels: LABELS, annotations: VERSION } } },
      },
    });
  });

  it('leaves labels alone that are no texts', () => {
    const odd = { ...manifest('v1', 'ConfigMap'), metadata: { name: 'x', labels: { n: 1 } } };
    const { metadata } = enhancedManifest(odd as unknown as Manifest, PLACE);
    expect(metadata.labels).toEqual({ n: 1 });
  });

  it('carries the hash of what its pods read on the pod template only', () => {
    const hashed = withDependenciesHash(manifest('apps/v1', 'Deployment', { template: {} }), 'abc');
    expect(hashed).toEqual({
      ...manifest('apps/v1', 'Deployment'),
      spec: { template: { metadata: { annotations: { 'kudo.dev/dependencies-hash': 'abc' } } } },
    });
  });

  it('is not taken from another controller', () => {
    const owner = { apiVersion: 'a/v1', kind: 'A', name: 'a', uid: '1', controller: true };
    const taken = manifest('v1', 'ConfigMap');
    const theirs = { ...taken, metadata: { ...taken.metadata, ownerReferences: [owner] } };
    expect(ownedManifest(theirs, 'default', { ...owner, uid: '2' })).toBeUndefined();
    expect(ownedManifest(theirs, 'default', owner)?.metadata.ownerReferences).toEqual([owner]);
  });
});
