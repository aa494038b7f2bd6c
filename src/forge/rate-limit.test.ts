import { expect, test } from 'vitest';
import { readQuota, readRetryAfter } from './rate-limit.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const SECOND = NOW / 1_000;

test.each([
  ['GitHub and Gitea', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': `${SECOND + 60}` }],
  ['GitLab', { 'ratelimit-remaining': '7', 'ratelimit-reset': `${SECOND + 60}` }],
  ['the drafts of the IETF', { 'ratelimit-remaining': '7', 'ratelimit-reset': '60' }],
])('what is left is read as %s say it', (_who, headers) => {
  expect(readQuota(headers, NOW)).toEqual({ remaining: 7, resetAt: NOW + 60_000 });
});

test.each([
  ['nothing', {}],
  ['half of it', { 'x-ratelimit-remaining': '7' }],
  ['nonsense', { 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': 'soon' }],
])('of %s nothing is made', (_what, headers) => {
  expect(readQuota(headers, NOW)).toBeUndefined();
});

test.each([
  ['seconds', 429, { 'retry-after': '30' }, '', 30_000],
  ['a date', 503, { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT' }, '', 120_000],
  ['a date that is over', 503, { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, '', 0],
  ['a day', 503, { 'retry-after': '86400' }, '', 3_600_000],
  ['nonsense', 503, { 'retry-after': 'soon' }, '', undefined],
  ['nothing', 403, {}, 'not allowed', undefined],
  ['a limit without a time', 403, {}, 'You have exceeded a secondary rate limit', 60_000],
  ['a limit in a text that is no refusal', 500, {}, 'rate limit', undefined],
  [
    'an allowance that is used up',
    403,
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${SECOND + 90}` },
    '',
    90_000,
  ],
  [
    'an allowance that is not',
    403,
    { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': `${SECOND + 90}` },
    '',
    undefined,
  ],
])('a refusal that says %s', (...[, status, headers, body, waitMs]) => {
  expect(readRetryAfter({ status, headers, body }, NOW)).toBe(waitMs);
});
