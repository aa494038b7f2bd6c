import { describe, expect, test } from 'vitest';
import { cronProblem, isTimeZone, latestTime, nextTime } from './cron-times.ts';

const at = (text: string): number => Date.parse(text);
const iso = (instant: number | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant).toISOString().slice(0, 16);

/** The first `count` times after `from`. */
function following(expression: string, timeZone: string, from: string, count: number): unknown {
  let instant: number | undefined = at(from);
  const found: unknown[] = [];
  for (let index = 0; index < count; index++) {
    instant = instant === undefined ? undefined : nextTime({ expression, timeZone }, instant);
    found.push(iso(instant));
  }
  return found;
}

describe('the next time', () => {
  test.each([
    ['the same day', '0 3 * * *', 'UTC', '2026-01-01T02:59Z', '2026-01-01T03:00'],
    ['never the very moment', '0 3 * * *', 'UTC', '2026-01-01T03:00Z', '2026-01-02T03:00'],
    [
      'by the clocks of the zone',
      '0 3 * * *',
      'Asia/Kolkata',
      '2026-01-01T00:00Z',
      '2026-01-01T21:30',
    ],
    [
      'across the end of the day of the zone',
      '30 0 * * *',
      'Asia/Kolkata',
      '2026-01-01T18:59Z',
      '2026-01-01T19:00',
    ],
    ['on a weekday by name', '15 9 * * mon', 'UTC', '2026-01-01T00:00Z', '2026-01-05T09:15'],
    ['on the last day of the month', '0 0 L * *', 'UTC', '2026-02-01T00:00Z', '2026-02-28T00:00'],
    ['on 29 February', '0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', '2028-02-29T00:00'],
    ['by nickname', '@weekly', 'UTC', '2026-01-01T00:00Z', '2026-01-04T00:00'],
  ])('%s', (...[, expression, timeZone, from, expected]) => {
    expect(iso(nextTime({ expression, timeZone }, at(from)))).toBe(expected);
  });
});

describe('when clocks are put forward (Berlin, 29 March 2026, 02:00 → 03:00)', () => {
  test('a time that they never show comes as long after the change as it should have', () => {
    expect(following('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ]);
  });

  test('what comes every half hour goes on every half hour', () => {
    expect(following('*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:29Z', 4)).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:00',
      '2026-03-29T01:30',
      '2026-03-29T02:00',
    ]);
  });
});

describe('when clocks are put back (Berlin, 25 October 2026, 03:00 → 02:00)', () => {
  test('a time that they show twice comes once', () => {
    expect(following('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  test('what comes every half hour goes on every half hour', () => {
    expect(following('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:59Z', 5)).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T00:30',
      '2026-10-25T01:00',
      '2026-10-25T01:30',
      '2026-10-25T02:00',
    ]);
  });
});

test('a day of the month and a weekday mean either, as for a CronJob', () => {
  expect(following('0 2 1,15 * 1', 'UTC', '2026-11-24T00:00Z', 5)).toEqual([
    '2026-11-30T02:00',
    '2026-12-01T02:00',
    '2026-12-07T02:00',
    '2026-12-14T02:00',
    '2026-12-15T02:00',
  ]);
  expect(following('0 2 */10 * 1', 'UTC', '2026-12-01T03:00Z', 2)).toEqual([
    '2026-12-07T02:00',
    '2026-12-11T02:00',
  ]);
  expect(following('0 2 1 * *', 'UTC', '2026-11-24T00:00Z', 1)).toEqual(['2026-12-01T02:00']);
});

describe('the latest time', () => {
  test.each([
    ['of many', '0 * * * *', '2026-01-01T00:00Z', '2026-01-09T11:59Z', '2026-01-09T11:00'],
    [
      'the moment itself',
      '0 3 * * *',
      '2026-01-01T00:00Z',
      '2026-01-01T03:00Z',
      '2026-01-01T03:00',
    ],
    ['none since the last', '0 3 * * *', '2026-01-01T03:00Z', '2026-01-02T02:59Z', undefined],
    ['far back', '0 0 1 1 *', '2020-01-01T00:00Z', '2026-12-31T00:00Z', '2026-01-01T00:00'],
  ])('%s', (...[, expression, after, until, expected]) => {
    expect(iso(latestTime({ expression, timeZone: 'UTC' }, at(after), at(until)))).toBe(expected);
  });
});

test.each([
  ['0 3 * * *', undefined],
  ['@daily', undefined],
  ['61 * * * *', '61 is a invalid expression for minute'],
  ['0 3 * *', 'expected 5 fields (minute, hour, day, month, weekday) but got 4'],
  ['0 0 30 2 *', '30 2 is an impossible day of month for the given month'],
  ['0 0 3 * * *', 'expected 5 fields (minute, hour, day, month, weekday) but got 6'],
])('%s is a cron expression, or it is said why not', (expression, expected) => {
  expect(cronProblem(expression)).toBe(expected);
});

test('a time zone is one by its IANA name', () => {
  expect(['Europe/Berlin', 'UTC', 'Europe/Berln'].map(isTimeZone)).toEqual([true, true, false]);
});
