/** Why something went wrong, in terms of what can be done about it. */
export type FailureKind =
  | 'invalid' // the repository's content or a configuration; only a new commit or edit helps
  | 'denied' // credentials or permissions; only a person helps
  | 'missing' // the thing asked for is not there
  | 'conflict' // someone else wrote first; read again and retry at once
  | 'unreachable' // network, 5xx, rate limit; retry later
  | 'timeout'; // it took longer than it was allowed; retry later

/**
 * An expected failure of the outside world. Everything else that is thrown is a bug. `hint` says
 * what the reader can do about it; `retryAfterMs` is set when the other side said when to come back.
 */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly kind: FailureKind;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    options?: { cause?: unknown; hint?: string | undefined; retryAfterMs?: number | undefined },
  ) {
    super(message, { cause: options?.cause });
    this.kind = kind;
    this.hint = options?.hint;
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** The text of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
