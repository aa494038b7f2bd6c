import type { Scope } from '../lib/scope.ts';

/** Resolves when the scope stops: for what goes on until Ctrl-C. */
export async function untilStopped({ signal }: Scope): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
