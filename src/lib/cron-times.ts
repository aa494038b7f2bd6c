import { createTask, parse, validateDetailed } from 'node-cron';

/** Five cron fields (or a nickname such as `@daily`), read by the clocks of a time zone. */
export interface CronTimes {
  readonly expression: string;
  /** IANA name. */
  readonly timeZone: string;
}

/** What keeps `expression` from being five cron fields or a nickname; undefined when nothing does. */
export function cronProblem(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/).length;
  const isNickname = fields === 1 && expression.trim().startsWith('@');
  if (fields !== 5 && !isNickname) {
    return `expected 5 fields (minute, hour, day, month, weekday) but got ${String(fields)}`;
  }
  const { valid, errors } = validateDetailed(expression);
  return valid ? undefined : (errors[0]?.message ?? 'it is no cron expression');
}

/** True for a name that the time-zone database of this program has. */
export function isTimeZone(name: string): boolean {
  try {
    offsetMs(0, name);
    return true;
  } catch {
    return false;
  }
}

/** Names of time zones, for suggestions. */
export function timeZones(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')];
}

const DAY_MS = 24 * 3_600_000;
/** 29 February is eight years away at most. */
const MAX_DAYS = 8 * 366;

/** The first time after `afterMs` (epoch ms); undefined when there is none within eight years. */
export function nextTime(times: CronTimes, afterMs: number): number | undefined {
  const firstDay = dayOf(afterMs + offsetMs(afterMs, times.timeZone)) - DAY_MS;
  const days = Array.from({ length: MAX_DAYS }, (_, index) => firstDay + index * DAY_MS);
  return firstIn(days, times, (instants) => {
    const later = instants.filter((instant) => instant > afterMs);
    return later.length === 0 ? undefined : Math.min(...later);
  });
}

/** The last time after `afterMs` and not after `untilMs`; undefined when there is none. */
export function latestTime(times: CronTimes, afterMs: number, untilMs: number): number | undefined {
  const lastDay = dayOf(untilMs + offsetMs(untilMs, times.timeZone)) + DAY_MS;
  const count = Math.min(MAX_DAYS, Math.ceil((untilMs - afterMs) / DAY_MS) + 3);
  const days = Array.from({ length: Math.max(0, count) }, (_, index) => lastDay - index * DAY_MS);
  return firstIn(days, times, (instants) => {
    const between = instants.filter((instant) => instant > afterMs && instant <= untilMs);
    return between.length === 0 ? undefined : Math.max(...between);
  });
}

const dayOf = (wallMs: number): number => Math.floor(wallMs / DAY_MS) * DAY_MS;

/** node-cron decides which days match; in what order the days are asked is the caller's. */
function firstIn(
  days: readonly number[],
  times: CronTimes,
  choose: (instants: readonly number[]) => number | undefined,
): number | undefined {
  const { minute, hour } = parse(times.expression);
  const [firstMinute = 0] = minute;
  const [firstHour = 0] = hour;
  const minutes = hour.flatMap((h) => minute.map((m) => (h * 60 + m) * 60_000));
  // Wall-clock times are matched as if they were UTC, where each exists once.
  const tasks = dayExpressions(times.expression).map((expression) =>
    createTask(expression, () => undefined, { timezone: 'UTC' }),
  );
  try {
    for (const day of days) {
      const first = new Date(day + (firstHour * 60 + firstMinute) * 60_000);
      if (!tasks.some((task) => task.match(first))) continue;
      const found = choose(instantsOf(day, minutes, times));
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    for (const task of tasks) void task.destroy();
  }
}

/**
 * Expressions of which any may match a day. Where both the day of the month and the weekday are narrowed,
 * either is enough, as in every cron and in CronJobs (`dayMatches` in robfig/cron v3); node-cron asks for both.
 */
function dayExpressions(expression: string): readonly string[] {
  const [minute = '', hour = '', day = '*', month = '', weekday = '*'] = expression
    .trim()
    .split(/\s+/);
  if (isEvery(day) || isEvery(weekday)) return [expression];
  return [[minute, hour, day, month, '*'].join(' '), [minute, hour, '*', month, weekday].join(' ')];
}

const isEvery = (field: string): boolean => /^[*?](\/1)?$/.test(field);

/** The instants at which the clocks of the zone show these times of a day. */
function instantsOf(
  day: number,
  minutes: readonly number[],
  { expression, timeZone }: CronTimes,
): readonly number[] {
  const before = offsetMs(day - DAY_MS, timeZone);
  const after = offsetMs(day + 2 * DAY_MS, timeZone);
  const walls = minutes.map((minute) => day + minute);
  if (before === after) return walls.map((wall) => wall - before);
  const isEveryHour = /^\S+\s+\*/.test(expression.trim()) || expression.trim() === '@hourly';
  return walls.flatMap((wall) => {
    const shown = [wall - before, wall - after]
      .toSorted((a, b) => a - b)
      .filter((instant) => instant + offsetMs(instant, timeZone) === wall);
    // Clocks put forward never show it: it comes as long after the change as it should have.
    if (shown.length === 0) return [wall - before];
    return isEveryHour ? shown : shown.slice(0, 1);
  });
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws {RangeError} for a zone that does not exist */
function offsetMs(instant: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    const two = '2-digit';
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    formats.set(timeZone, format);
  }
  const seconds = Math.floor(instant / 1000) * 1000;
  const parts = new Map(
    format.formatToParts(seconds).map(({ type, value }) => [type, Number(value)]),
  );
  const [year = 0, month = 0, day = 0] = ['year', 'month', 'day'].map((name) =>
    parts.get(name as never),
  );
  const [hour = 0, minute = 0, second = 0] = ['hour', 'minute', 'second'].map((name) =>
    parts.get(name as never),
  );
  return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
}
