import type { FuncMap } from '@promptctl/go-template-js';
import type { GoFunction } from './go-function.ts';

/** The library's functions of dates with what sprig does of values that are none, and of wrong formats. */
export function dateFunctions(
  library: FuncMap,
  now: () => Date,
): Readonly<Record<string, GoFunction>> {
  const of = (name: string): GoFunction => library[name]?.fn as GoFunction;
  const timeOf = (value: unknown): unknown => {
    if (typeof value === 'number' || typeof value === 'bigint')
      return new Date(Number(value) * 1000);
    return value instanceof Date ? value : now();
  };
  const dateInZone: GoFunction = (layout, value, zone) =>
    formatted(layout as string, timeOf(value) as Date, (text, time) =>
      of('dateInZone')(text, time, zone),
    );
  const dateModify: GoFunction = (duration, time) =>
    orElse(() => of('dateModify')(duration, time), time);
  return {
    dateInZone,
    date_in_zone: dateInZone,
    dateModify,
    date_modify: dateModify,
    date: (layout, value) => formatted(layout as string, timeOf(value) as Date, of('date')),
    htmlDate: (value) => formatted('2006-01-02', timeOf(value) as Date, of('date')),
    htmlDateInZone: (value, zone) => dateInZone('2006-01-02', value, zone),
    ago: (value) => of('ago')(timeOf(value)),
    toDate: (layout, text) =>
      orElse(
        () => withYear(layout as string, of('toDate')(layout, withHour(text as string)) as Date),
        new Date(ZERO_TIME_MS),
      ),
  };
}

/** Go writes years in four digits; the library does so from the year 1000 on. */
function formatted(layout: string, time: Date, format: GoFunction): unknown {
  const year = time.getUTCFullYear();
  if (year >= 1000) return format(layout, time);
  const later = new Date(time);
  later.setUTCFullYear(year + 2000);
  const text = format(layout.replaceAll('2006', YEAR), later) as string;
  return text.replaceAll(YEAR, String(year).padStart(4, '0'));
}

/** Stands for the year; no layout of Go means anything by it. */
const YEAR = '\uE000';

/** Go reads an hour of one digit, too. */
function withHour(text: string): string {
  return text.replace(/(^|[ T])([0-9]):/, '$10$2:');
}

/** A layout without a year makes a time in the year 0. */
function withYear(layout: string, time: Date): Date {
  if (layout.includes('06')) return time;
  const first = new Date(time);
  first.setUTCFullYear(0);
  return first;
}

/** The first of January of the year 1, which Go has for no time. */
const ZERO_TIME_MS = -62_135_596_800_000;

/** sprig drops the error of a text or duration that it cannot read. */
function orElse(read: () => unknown, otherwise: unknown): unknown {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
