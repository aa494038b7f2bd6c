import { describe, expect, it } from 'vitest';
import { threeWayPatch } from './three-way-patch.ts';

const container = (name: string, more: object = {}) => ({ name, ...more });
const pod = (...containers: object[]) => ({ spec: { template: { spec: { containers } } } });

describe('a three-way patch', () => {
  it.each([
    {
      why: 'is empty when the API server has what is wanted, defaults and foreign keys aside',
      original: { spec: { replicas: 1 } },
      modified: { spec: { replicas: 1 } },
      current: { spec: { replicas: 1, paused: false }, status: { ready: 1 } },
      patch: {},
    },
    {
      why: 'sets what changed',
      original: { spec: { replicas: 1 } },
      modified: { spec: { replicas: 3 } },
      current: { spec: { replicas: 1, paused: false } },
      patch: { spec: { replicas: 3 } },
    },
    {
      why: 'takes back what somebody else changed',
      original: { data: { key: 'ours' } },
      modified: { data: { key: 'ours' } },
      current: { data: { key: 'theirs', other: 'theirs' } },
      patch: { data: { key: 'ours' } },
    },
    {
      why: 'removes what is no longer wanted but was applied before',
      original: { data: { old: '1', kept: '1' } },
      modified: { data: { kept: '1' } },
      current: { data: { old: '1', kept: '1', foreign: '1' } },
      patch: { data: { old: null } },
    },
    {
      why: 'keeps a foreign container and a container’s defaults',
      original: pod(container('main', { image: 'a:1' })),
      modified: pod(container('main', { image: 'a:2' })),
      current: pod(
        container('main', { image: 'a:1', imagePullPolicy: 'Always' }),
        container('injected'),
      ),
      patch: pod(
        container('main', { image: 'a:2', imagePullPolicy: 'Always' }),
        container('injected'),
      ),
    },
    {
      why: 'removes a container that was applied before',
      original: pod(container('main'), container('sidecar')),
      modified: pod(container('main')),
      current: pod(container('main'), container('sidecar')),
      patch: pod(container('main')),
    },
    {
      why: 'lets a volume become another kind of volume',
      original: { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
      modified: { spec: { volumes: [{ name: 'v', secret: { secretName: 's' } }] } },
      current: { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
      patch: { spec: { volumes: [{ name: 'v', secret: { secretName: 's' } }] } },
    },
    {
      why: 'drops rollingUpdate, a default of the API server, with another strategy',
      original: {},
      modified: { spec: { strategy: { type: 'Recreate' } } },
      current: { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
      patch: { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } },
    },
    {
      why: 'replaces a list without a merge key',
      original: { spec: { args: ['a'] } },
      modified: { spec: { args: ['b'] } },
      current: { spec: { args: ['a', 'c'] } },
      patch: { spec: { args: ['b'] } },
    },
  ])('$why', ({ original, modified, current, patch }) => {
    expect(threeWayPatch({ original, modified, current }, true)).toEqual(patch);
  });

  it('replaces lists of custom resources as a whole', () => {
    const states = {
      original: { spec: { containers: [{ name: 'a' }] } },
      modified: { spec: { containers: [{ name: 'a' }] } },
      current: { spec: { containers: [{ name: 'a' }, { name: 'b' }] } },
    };
    expect(threeWayPatch(states, false)).toEqual({ spec: { containers: [{ name: 'a' }] } });
  });
});
