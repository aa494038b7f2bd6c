import { expect, test } from 'vitest';
import { liveInstance, operatorVersion, SYNC_UID } from '../../test/builders.ts';
import { stillCaches } from '../../test/fakes/still-caches.ts';
import type { Instance } from '../kudo/objects.ts';
import { cleanupOf, removalsOf, type RemovalInput } from './removals.ts';

const OID = '0123456789abcdef0123456789abcdef01234567';

/** Why `orders`, the only Instance of a Sync whose Git is empty, is not deleted. */
function question(confirmed: string | undefined): string | undefined {
  const caches = stillCaches();
  caches.instances.update(liveInstance());
  const annotations = confirmed === undefined ? {} : { 'gitops.kudo.dev/confirm-prune': confirmed };
  const desired = { instances: new Map(), incomplete: false };
  const input = {
    settings: {
      uid: SYNC_UID,
      namespace: 'shop',
      name: 'fleet',
      paths: ['.'],
      prune: true,
      pruneLimit: 20,
    },
    revision: { commit: { oid: OID }, desired: desired as never },
    sync: { metadata: { name: 'fleet', namespace: 'shop', annotations } },
    standingOf: () => undefined,
  } satisfies RemovalInput;
  const [plan] = [...removalsOf(input, caches).values()];
  expect(plan?.changes).toMatchObject([{ kind: 'delete' }]);
  return plan?.problems[0]?.message;
}

test.each([
  ['this commit', OID, true],
  ['its first digits', OID.slice(0, 7), true],
  ['too few digits', OID.slice(0, 6), false],
  ['another commit', 'f'.repeat(40), false],
  ['nothing', '', false],
  ['no word about it', undefined, false],
])('a person agrees to removals by naming the commit: %s', (_why, confirmed, isConfirmed) => {
  expect(question(confirmed) === undefined).toBe(isConfirmed);
});

test.each([
  ['runs', ['kudo.dev.instance.cleanup'], ['deploy', 'cleanup']],
  ['no-plan', ['kudo.dev.instance.cleanup'], ['deploy']],
  ['no-plan', [], ['deploy', 'cleanup']],
  ['no-version', ['kudo.dev.instance.cleanup'], undefined],
] as const)('of the cleanup KUDO makes: %s', (expected, finalizers, plans) => {
  const caches = stillCaches();
  if (plans) caches.operatorVersions.update(operatorVersion([], { plans: [...plans] }));
  const live = liveInstance();
  const instance: Instance = { ...live, metadata: { ...live.metadata, finalizers } };
  expect(cleanupOf(instance, caches)).toBe(expected);
});
