/** Something that tells when it has changed; what it gives ends the telling. */
export interface Changing {
  onChange(listener: () => void): () => void;
}

/** Resolves with the first answer of `look` that is not undefined; looks again when something has changed. */
export async function untilChanged<T>(
  what: string,
  sources: readonly Changing[],
  look: () => T | undefined,
  timeoutMs: number,
): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (deadline.aborted) throw new Error(`waited ${String(timeoutMs / 1_000)} s for ${what}`);
    await nextChange(sources, deadline);
  }
}

async function nextChange(sources: readonly Changing[], deadline: AbortSignal): Promise<void> {
  const stops: (() => void)[] = [];
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      resolve();
    };
    stops.push(...sources.map((source) => source.onChange(wake)));
    deadline.addEventListener('abort', wake, { once: true });
    stops.push(() => {
      deadline.removeEventListener('abort', wake);
    });
  });
  for (const stop of stops) stop();
}
