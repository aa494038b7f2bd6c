import { expect, test } from 'vitest';
import { errorFromAnswer, errorFromWatchEvent } from './kube-status.ts';

const NOW = Date.parse('2030-06-01T00:00:00Z');
const status = (extra: object): string => JSON.stringify({ kind: 'Status', ...extra });

test.each([
  {
    why: 'the words of the server are taken over',
    given: { code: 404, body: status({ reason: 'NotFound', message: 'secrets "a" not found' }) },
    expected: { code: 404, kind: 'missing', reason: 'NotFound', message: 'secrets "a" not found' },
  },
  {
    why: 'a denial of KUDO says everything in its reason',
    given: { code: 403, body: status({ reason: 'plan deploy is running', code: 403 }) },
    expected: {
      kind: 'denied',
      reason: 'plan deploy is running',
      message: 'plan deploy is running',
    },
  },
  {
    why: 'a status without words names the request',
    given: { code: 409, body: status({}) },
    expected: { kind: 'conflict', message: 'PUT /x was answered with HTTP 409' },
  },
  {
    why: 'an empty answer names the request',
    given: { code: 503, body: '' },
    expected: { kind: 'unreachable', message: 'PUT /x was answered with HTTP 503' },
  },
  {
    why: 'seconds of the status say when to come back',
    given: { code: 429, body: status({ details: { retryAfterSeconds: 3 } }) },
    expected: { retryAfterMs: 3_000 },
  },
  {
    why: 'a date says when to come back',
    given: { code: 503, body: '', retryAfter: 'Sat, 01 Jun 2030 00:01:00 GMT' },
    expected: { retryAfterMs: 60_000 },
  },
  {
    why: 'nonsense says nothing',
    given: { code: 503, body: '', retryAfter: 'soon' },
    expected: { retryAfterMs: undefined },
  },
])('$why', ({ given, expected }) => {
  expect(errorFromAnswer(given, 'PUT /x', NOW)).toMatchObject(expected);
});

test('a huge message is cut', () => {
  const error = errorFromAnswer(
    { code: 422, body: status({ message: 'x'.repeat(100_000) }) },
    'PUT /x',
    NOW,
  );
  expect(error.message).toHaveLength(8_192);
});

test('an error event without a status is an error of the server', () => {
  expect(errorFromWatchEvent({}, 'GET /x')).toMatchObject({ code: 500, kind: 'unreachable' });
});
