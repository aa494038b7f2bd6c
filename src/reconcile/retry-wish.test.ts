import { expect, test } from 'vitest';
import { KEY, liveInstance, record } from '../../test/builders.ts';
import { stillCaches } from '../../test/fakes/still-caches.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { requestedRetry } from './retry-wish.ts';

const ran = { cause: 'plan', planUid: 'u1', instanceUid: 'instance-uid' } as const;

function chosen(request: string, more: Parameters<typeof record>[1]): string | undefined {
  const caches = stillCaches();
  caches.instances.update(liveInstance());
  const context = { view: { caches } } as unknown as ReconcileContext;
  return requestedRetry(request, context)(KEY, record('failed', more))?.kind;
}

test.each([
  ['a plan that failed runs again', 'now shop/orders', ran, 'rerun'],
  ['of all of a Sync', ' monday * ', ran, 'rerun'],
  ['what KUDO refused is planned anew', 'now *', { cause: 'denied' }, 'replan'],
  [
    'a plan of an Instance that is gone is planned anew',
    'now *',
    { ...ran, instanceUid: 'x' },
    'replan',
  ],
  ['nothing of another Instance', 'now shop/mail', ran, undefined],
  ['nothing that still runs', 'now *', { ...ran, cause: 'timeout' }, undefined],
  ['no cleanup', 'now *', { ...ran, kind: 'delete' }, undefined],
] as const)('on request: %s', (...[, request, more, expected]) => {
  expect(chosen(request, more)).toBe(expected);
});
