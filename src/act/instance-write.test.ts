import { describe, expect, test } from 'vitest';
import {
  createChange,
  edit,
  KEY,
  liveInstance,
  setParameters,
  SYNC_UID,
} from '../../test/builders.ts';
import type { Change } from '../model/change.ts';
import { valueHash } from '../model/written-keys.ts';
import { changePatch, curePatch, newInstance, retriggerPatch } from './instance-write.ts';

const provenance = {
  token: { id: 'rollout/0/1', plan: 'update', uidBefore: 'u0' },
  syncUid: SYNC_UID,
  revision: 'main@sha1:abc',
  path: 'orders.yaml',
};

const OURS = {
  'gitops.kudo.dev/change': 'rollout/0/1 update u0',
  'gitops.kudo.dev/owner': `${SYNC_UID}:${KEY}`,
  'gitops.kudo.dev/revision': 'main@sha1:abc',
  'gitops.kudo.dev/path': 'orders.yaml',
};

const keys = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${valueHash(value)}`)
    .join(',');

type SetParameters = Extract<Change, { kind: 'set-parameters' }>;

test('a new Instance carries what Git says and who made it', () => {
  const change = createChange({ NODES: '5' }) as Extract<Change, { kind: 'create' }>;
  expect(newInstance(change, 'queue', provenance)).toEqual({
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: {
      name: 'orders',
      namespace: 'shop',
      labels: { 'kudo.dev/operator': 'queue', 'gitops.kudo.dev/sync-uid': SYNC_UID },
      annotations: {
        ...OURS,
        'gitops.kudo.dev/keys': keys({ NODES: '5' }),
        'gitops.kudo.dev/operator-version': 'shop/queue-1.0.0',
      },
    },
    spec: { operatorVersion: { name: 'queue-1.0.0' }, parameters: { NODES: '5' } },
  });
});

describe('a merge patch', () => {
  test('is exactly one change, guarded by uid and resourceVersion; null takes a key away', () => {
    const observed = liveInstance({ NODES: '3', SIZE: '1' });
    const change = setParameters('update', edit('NODES=5', '3'), edit('SIZE=', '1'));
    expect(changePatch(change as SetParameters, observed, provenance)).toEqual({
      metadata: {
        uid: 'instance-uid',
        resourceVersion: '7',
        labels: { 'gitops.kudo.dev/sync-uid': SYNC_UID },
        annotations: { ...OURS, 'gitops.kudo.dev/keys': keys({ NODES: '5' }) },
      },
      spec: { parameters: { NODES: '5', SIZE: null } },
    });
  });

  test.each([
    [
      'without a namespace while the reference has none',
      undefined,
      undefined,
      { name: 'queue-2.0.0' },
    ],
    ['with the namespace it has already left as it is', 'ops', 'ops', { name: 'queue-2.0.0' }],
    [
      'with another namespace when Git says so',
      undefined,
      'ops',
      { name: 'queue-2.0.0', namespace: 'ops' },
    ],
    ['back into its own namespace', 'ops', undefined, { name: 'queue-2.0.0', namespace: 'shop' }],
  ])('of an upgrade names the new version %s', (_why, current, wanted, expected) => {
    const live = liveInstance();
    const reference = { name: 'queue-1.0.0', namespace: current };
    const observed = { ...live, spec: { ...live.spec, operatorVersion: reference } };
    const to = { name: 'queue-2.0.0', namespace: wanted };
    const upgrade = {
      key: KEY,
      kind: 'upgrade',
      plan: 'upgrade',
      from: 'queue-1.0.0',
      to,
    } as const;
    expect(changePatch({ ...upgrade, edits: [] }, observed, provenance)).toMatchObject({
      spec: { operatorVersion: expected },
    });
  });

  test('that runs a plan once more changes nothing else', () => {
    const observed = liveInstance({ NODES: '3' });
    const run = { plan: 'update', uid: 'any' };
    expect(retriggerPatch(KEY, observed, run, provenance)).toMatchObject({
      metadata: {
        resourceVersion: '7',
        annotations: { 'gitops.kudo.dev/keys': keys({ NODES: '3' }) },
      },
      spec: { planExecution: { planName: 'update', uid: 'any' } },
    });
  });
});

describe('the JSON patch of a cure', () => {
  test('tests the Instance, the run and each old value before it sets anything', () => {
    const observed = liveInstance({ 'a/b': 'bad', GONE: 'x' }, { running: 'update u1' });
    const change = setParameters('update', edit('a/b=good', 'bad'), edit('GONE=', 'x'));
    const patch = curePatch(change as SetParameters, observed, 'u1', provenance);
    expect(patch.slice(0, 6)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'instance-uid' },
      { op: 'test', path: '/spec/planExecution/uid', value: 'u1' },
      { op: 'test', path: '/spec/parameters/a~1b', value: 'bad' },
      { op: 'add', path: '/spec/parameters/a~1b', value: 'good' },
      { op: 'test', path: '/spec/parameters/GONE', value: 'x' },
      { op: 'remove', path: '/spec/parameters/GONE' },
    ]);
    expect(JSON.stringify(patch)).not.toContain('resourceVersion');
    expect(patch).toContainEqual({
      op: 'add',
      path: '/metadata/annotations/gitops.kudo.dev~1change',
      value: 'rollout/0/1 update u0',
    });
  });

  test('makes the map of parameters where there is none', () => {
    const live = liveInstance({}, { running: 'update u1' });
    const observed = { ...live, spec: { ...live.spec, parameters: undefined } };
    const change = setParameters('update', edit('NODES=5')) as SetParameters;
    expect(curePatch(change, observed, 'u1', provenance).slice(2, 4)).toEqual([
      { op: 'add', path: '/spec/parameters', value: {} },
      { op: 'add', path: '/spec/parameters/NODES', value: '5' },
    ]);
  });
});
