import { expect, test } from 'vitest';
import { liveScope } from '../../test/fakes/scope.ts';

/** What a timer of Node takes; it fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

test.each([LONGEST_TIMER_MS + 1, 1e15, Infinity])(
  'a sleep of %s ms is no short one',
  async (ms) => {
    const { clock, signal, stop } = liveScope();
    const long = clock.sleep(ms, signal).then(
      () => 'over',
      () => 'stopped',
    );
    expect(await Promise.race([long, clock.sleep(5, signal)])).toBeUndefined();
    stop();
    expect(await long).toBe('stopped');
  },
);
