import { expect, test } from 'vitest';
import { desiredInstance, KEY, liveInstance, SYNC_UID } from '../../test/builders.ts';
import { valueHash } from '../model/written-keys.ts';
import { metadataPatch } from './metadata-patch.ts';

const provenance = {
  token: { id: 'rollout/0/1', plan: undefined, uidBefore: undefined },
  syncUid: SYNC_UID,
  revision: 'main@sha1:abc',
  path: 'orders.yaml',
};
const GUARD = { uid: 'instance-uid', resourceVersion: '7' };

test('an adoption remembers as written only what Git says already, and takes no token along', () => {
  const desired = desiredInstance({ NODES: '5', SIZE: '2' });
  const change = { key: KEY, kind: 'adopt', desired, same: ['SIZE'], sameVersion: false } as const;
  expect(metadataPatch(change, liveInstance(), provenance)).toEqual({
    metadata: {
      ...GUARD,
      labels: { 'gitops.kudo.dev/sync-uid': SYNC_UID },
      annotations: {
        'gitops.kudo.dev/owner': `${SYNC_UID}:${KEY}`,
        'gitops.kudo.dev/keys': `SIZE=${valueHash('2')}`,
        'gitops.kudo.dev/adopted': 'rollout/0/1 main@sha1:abc',
        'gitops.kudo.dev/revision': 'main@sha1:abc',
        'gitops.kudo.dev/path': 'orders.yaml',
        'gitops.kudo.dev/change': null,
        'gitops.kudo.dev/operator-version': null,
        'gitops.kudo.dev/metadata': null,
      },
    },
  });
});

test('letting go takes away what we wrote and nothing else', () => {
  const annotations = { 'gitops.kudo.dev/prune': 'disabled', 'example.org/team': 'queues' };
  const live = liveInstance({}, { annotations });
  const patch = metadataPatch({ key: KEY, kind: 'release', why: 'so' }, live, provenance);
  const { metadata } = patch as { metadata: { annotations: Record<string, unknown> } };
  expect(metadata).toMatchObject({ ...GUARD, labels: { 'gitops.kudo.dev/sync-uid': null } });
  expect(Object.values(metadata.annotations).every((value) => value === null)).toBe(true);
  expect(Object.keys(metadata.annotations)).toContain('gitops.kudo.dev/owner');
  expect(Object.keys(metadata.annotations)).not.toContain('gitops.kudo.dev/prune');
  expect(Object.keys(metadata.annotations)).not.toContain('example.org/team');
});
