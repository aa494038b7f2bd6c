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
    of('dateInZone')(layout, timeOf(value), zone);
  const dateModify: GoFunction = (duration, time) =>
    orElse(() => of('dateModify')(duration, time), time);
  return {
    dateInZone,
    date_in_zone: dateInZone,
    dateModify,
    date_modify: dateModify,
    date: (layout, value) => of('date')(layout, timeOf(value)),
    htmlDate: (value) => of('htmlDate')(timeOf(value)),
    htmlDateInZone: (value, zone) => of('htmlDateInZone')(timeOf(value), zone),
    ago: (value) => of('ago')(timeOf(value)),
    toDate: (layout, text) => orElse(() => of('toDate')(layout, text), new Date(ZERO_TIME_MS)),
  };
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
