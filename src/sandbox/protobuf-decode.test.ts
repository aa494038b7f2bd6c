import { expect, test } from 'vitest';
import { decodeProtobuf } from './protobuf-decode.ts';

/** What `kubectl create namespace foo` (v1.32) sends. */
const NAMESPACE =
  '6b3873000a0f0a0276311209' +
  '4e616d657370616365121b0a130a03666f6f12001a0022002a003200380042001200' +
  '1a020a001a002200';

test('the body that kubectl sends for a new namespace is read', () => {
  expect(decodeProtobuf(Buffer.from(NAMESPACE, 'hex'))).toEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'foo', generation: 0 },
  });
});

test.each([
  { why: 'it is text', bytes: Buffer.from('{"kind":"Namespace"}') },
  { why: 'it is cut off', bytes: Buffer.from(NAMESPACE, 'hex').subarray(0, 30) },
  { why: 'its kind is not known', bytes: Buffer.from('6b3873000a060a01761201', 'hex') },
])('a body is refused when $why', ({ bytes }) => {
  expect(() => decodeProtobuf(bytes)).toThrow('is no protobuf object');
});
