import { expect, test } from 'vitest';
import type { DesiredInstance } from '../model/desired.ts';
import { desiredHash } from './desired-hash.ts';

const place = { file: 'a.yaml', line: 1, column: 1 };
const orders: DesiredInstance = {
  key: 'shop/orders',
  namespace: 'shop',
  name: 'orders',
  operatorVersion: { name: 'queue-1.0.0' },
  parameters: { A: '1', B: '2' },
  labels: {},
  annotations: {},
  position: place,
  operatorVersionPosition: place,
  parameterPositions: { A: place, B: place },
};

const text = (canonical: string): string => canonical;

test.each([
  { why: 'moving it to another line', touched: { position: { ...place, line: 9 } }, same: true },
  { why: 'another order of parameters', touched: { parameters: { B: '2', A: '1' } }, same: true },
  { why: 'a parameter', touched: { parameters: { A: '1', B: '3' } }, same: false },
  { why: 'an annotation', touched: { annotations: { note: 'again' } }, same: false },
  { why: 'its version', touched: { operatorVersion: { name: 'queue-1.1.0' } }, same: false },
])('$why touches the Instance: not $same', ({ touched, same }) => {
  const before = desiredHash(orders, 'h1', text);
  expect(desiredHash({ ...orders, ...touched }, 'h1', text) === before).toBe(same);
});

test('the content of its OperatorVersion touches the Instance', () => {
  expect(desiredHash(orders, 'h1', text)).not.toBe(desiredHash(orders, 'h2', text));
});
