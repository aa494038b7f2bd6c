import type { Scope } from '../lib/scope.ts';

/** How a client signs in. */
export interface Authorization {
  /** Value of the `Authorization` header for one call. */
  value(scope: Scope): Promise<string>;
  /** Told that the forge answered 401: what `value` gave is no good any more. */
  refused(): void;
}

/** The same value for every call. */
export function fixedAuthorization(value: string): Authorization {
  return { value: () => Promise.resolve(value), refused: () => undefined };
}
