import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../model/kube-object.ts';
import { countedContent, dependenciesHash, dependenciesOf } from './dependencies-hash.ts';

const pod = {
  imagePullSecrets: [{ name: 'pull' }],
  volumes: [
    { name: 'c', configMap: { name: 'settings' } },
    { name: 's', secret: { secretName: 'keys' } },
    { name: 'e', emptyDir: {} },
  ],
};
const config = (
  data: object,
  annotations?: Record<string, string>,
): KubeObject & { data: object } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'settings',
    ...(annotations && { annotations }),
  },
  data,
});

describe('the hash of what pods read', () => {
  it('looks at volumes and image pull secrets, in whatever workload', () => {
    const metadata = { name: 'x' };
    const expected = [
      { kind: 'ConfigMap', name: 'settings' },
      { kind: 'Secret', name: 'keys' },
      { kind: 'Secret', name: 'pull' },
    ];
    const spec = { template: { spec: pod } };
    expect(dependenciesOf({ apiVersion: 'v1', kind: 'A', metadata, spec })).toEqual(expected);
    const cron = { jobTemplate: { spec: spec } };
    expect(dependenciesOf({ apiVersion: 'v1', kind: 'B', metadata, spec: cron })).toEqual(expected);
  });

  it('changes with the content, not with the order of keys or with annotations', () => {
    const hash = (object: KubeObject): string => dependenciesHash([countedContent(object)]);
    expect(hash(config({ a: '1', b: '2' }))).toBe(
      hash(config({ b: '2', a: '1' }, { seen: 'now' })),
    );
    expect(hash(config({ a: '1' }))).not.toBe(hash(config({ a: '2' })));
  });

  it('counts what KUDO applied, not what the API server or others made of it', () => {
    const applied = config({ a: '1' });
    const live = config(
      { a: 'changed by hand' },
      { 'kudo.dev/last-applied-configuration': JSON.stringify(applied) },
    );
    expect(countedContent(live)).toBe(countedContent(applied));
  });

  it('does not count what its author excluded, nor what is not there', () => {
    const excluded = config({ a: '1' }, { 'kudo.dev/skip-hash-calculation': 'yes' });
    expect(countedContent(excluded)).toBeUndefined();
    expect(dependenciesHash([undefined])).toBe('4ae71336e44bf9bf79d2752e234818a5');
  });
});
