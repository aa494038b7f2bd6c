import { describe, expect, test } from 'vitest';
import { instanceContext, statusContext } from './reconcile-context.ts';

const FLEET = { namespace: 'shop', name: 'fleet', defaultNamespace: 'shop' };

describe('the context of a status', () => {
  test('names cluster, namespace, Sync and Instance', () => {
    expect(statusContext('prod', FLEET)).toBe('kudo-gitops/prod/shop/fleet');
    expect(instanceContext('prod', FLEET, 'shop/orders')).toBe(
      'kudo-gitops/prod/shop/fleet/orders',
    );
    expect(instanceContext('prod', FLEET, 'mail/orders')).toBe(
      'kudo-gitops/prod/shop/fleet/mail/orders',
    );
  });

  test('stays below what forges take, and apart from others that begin alike', () => {
    const long = (end: string) => ({ ...FLEET, name: `${'a'.repeat(240)}${end}` });
    const contexts = ['b', 'c'].flatMap((end) => [
      statusContext('prod', long(end)),
      instanceContext('prod', long(end), 'shop/orders'),
    ]);
    expect(contexts.map(({ length }) => length)).toEqual([200, 200, 200, 200]);
    expect(new Set(contexts).size).toBe(4);
  });
});
