import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  problemLines as lines,
  QUEUE,
  READ_ALL as options,
  readFiles as read,
} from '../../test/fakes/read-files.ts';
import { readDesired } from './read-desired.ts';

describe('layers', () => {
  const PROD = `apiVersion: kudo.dev/v1beta1
kind: Instance
metadata:
  name: orders
spec:
  parameters:
    BROKERS: 5
`;

  test('override parameter by parameter, and positions follow the winner', () => {
    const base = QUEUE.replace('BROKERS: 3', 'BROKERS: 3\n    MODE: safe');
    const state = read(
      { 'base/orders.yaml': base, 'prod/orders.yaml': PROD },
      { paths: ['base', './prod/'] },
    );
    expect(lines(state)).toEqual([]);
    const instance = state.instances.get('shop/orders');
    expect(instance?.parameters).toEqual({ BROKERS: '5', MODE: 'safe' });
    expect(instance?.parameterPositions).toEqual({
      BROKERS: { file: 'prod/orders.yaml', line: 7, column: 5 },
      MODE: { file: 'base/orders.yaml', line: 10, column: 5 },
    });
    expect(instance?.operatorVersionPosition.file).toBe('base/orders.yaml');
  });

  test('hold an Instance back while a file that may change it cannot be read', () => {
    const files = { 'base/orders.yaml': QUEUE, 'base/mail.yaml': QUEUE.replace('orders', 'mail') };
    const state = read(
      { ...files, 'prod/x.yaml': `name: orders\n  : [` },
      { paths: ['base', 'prod'] },
    );
    expect(state.problems.map(({ id }) => id)).toEqual(['held-by-unreadable-file', 'invalid-yaml']);
    expect([...state.instances.keys()]).toEqual(['shop/mail']);
  });

  test('do not apply half of an Instance when its other half is wrong', () => {
    const state = read(
      { 'base/orders.yaml': QUEUE, 'prod/orders.yaml': PROD.replace('spec', 'sepc') },
      { paths: ['base', 'prod'] },
    );
    expect(lines(state)).toEqual([
      'error prod/orders.yaml:5:1 unknown field sepc (did you mean spec?)',
    ]);
    expect(state.instances.size).toBe(0);
  });

  test('give every parameter the value of the last layer that sets it', () => {
    const values = fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D'), fc.nat(9));
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 5 }), (layers) => {
        const files = layers.map((parameters, layer) => ({
          path: `${layer}/orders.yaml`,
          text: JSON.stringify({
            apiVersion: 'kudo.dev/v1beta1',
            kind: 'Instance',
            metadata: { name: 'orders' },
            spec: { operatorVersion: { name: 'queue-1.0.0' }, parameters },
          }),
        }));
        const paths = layers.map((_, layer) => String(layer));
        const instance = readDesired(files, { ...options, paths }).instances.get('shop/orders');
        const expected = Object.assign({}, ...layers) as Record<string, number>;
        const texts = Object.entries(expected).map(([name, value]) => [name, String(value)]);
        expect(instance?.parameters).toEqual(Object.fromEntries(texts));
      }),
    );
  });
});
