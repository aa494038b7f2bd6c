import { jsonLogger } from '../../src/lib/log.ts';
import { systemClock, type Scope } from '../../src/lib/scope.ts';
import { FakeClock } from './fake-clock.ts';

/** A scope with a fake clock and a log kept in memory. */
export function testScope(): Scope & { clock: FakeClock; lines: string[]; stop: () => void } {
  return { ...liveScope(), clock: new FakeClock() };
}

/** A scope with the real clock, for tests against real servers. */
export function liveScope(): Scope & { lines: string[]; stop: () => void } {
  const lines: string[] = [];
  const controller = new AbortController();
  return {
    clock: systemClock,
    lines,
    log: jsonLogger({ write: (line: string) => void lines.push(line) }, 'debug'),
    signal: controller.signal,
    stop: () => {
      controller.abort();
    },
  };
}
