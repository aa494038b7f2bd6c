import { expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import { withDeadline } from './with-deadline.ts';

const LIMIT = { ms: 1_000, message: 'it took longer than 1 s', hint: 'give it more' };
const never = (): Promise<never> => new Promise(() => undefined);

test('what ends in time is given, and nothing waits any more', async () => {
  const scope = testScope();
  const timers: AbortSignal[] = [];
  const clock = {
    now: () => scope.clock.now(),
    sleep: (ms: number, signal: AbortSignal) => {
      timers.push(signal);
      return scope.clock.sleep(ms, signal);
    },
  };
  const result = withDeadline(LIMIT, () => Promise.resolve(7), { ...scope, clock });
  await expect(result).resolves.toBe(7);
  expect(timers.map(({ aborted }) => aborted)).toEqual([true]);
});

test('what does not end, and knows nothing of the signal, is left when the time is over', async () => {
  const scope = testScope();
  let signal: AbortSignal | undefined;
  const result = withDeadline(
    LIMIT,
    (given) => {
      signal = given;
      return never();
    },
    scope,
  );
  const thrown = result.catch((reason: unknown) => reason);
  await scope.clock.advance(999);
  expect(signal?.aborted).toBe(false);
  await scope.clock.advance(1);
  expect(await thrown).toMatchObject({ kind: 'timeout', message: LIMIT.message, hint: LIMIT.hint });
  expect(signal?.aborted).toBe(true);
});

test('a scope that stops is no timeout', async () => {
  const scope = testScope();
  const result = withDeadline(LIMIT, never, scope);
  scope.stop();
  await expect(result).rejects.toBe(scope.signal.reason);
  await expect(withDeadline(LIMIT, never, scope)).rejects.toBe(scope.signal.reason);
});
