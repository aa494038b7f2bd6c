import type { Scope } from './scope.ts';

/**
 * Passes a key on at once, and then rests for `gapMs` of it: what comes meanwhile is passed on as one at
 * the end of the rest. A gap of 0 is none.
 */
export function throttled<Key>(
  pass: (key: Key) => void,
  gapMs: (key: Key) => number,
  { clock, signal }: Scope,
): (key: Key) => void {
  const resting = new Set<Key>();
  const again = new Set<Key>();
  const rest = async (key: Key, ms: number): Promise<void> => {
    await clock.sleep(ms, signal);
    resting.delete(key);
    if (again.delete(key)) take(key);
  };
  const take = (key: Key): void => {
    if (resting.has(key)) {
      again.add(key);
      return;
    }
    pass(key);
    const ms = gapMs(key);
    if (ms <= 0) return;
    resting.add(key);
    rest(key, ms).catch(() => undefined);
  };
  return take;
}
