/** What goes wrong with a request, for tests of clients. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The connection is cut: before the request is carried out, or after it without an answer. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** The request waits, then goes on. */
  | { readonly kind: 'delay'; readonly ms: number };

/** One request as it came in. */
export interface RequestRecord {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly userAgent: string;
}

/** Decides for each request whether something goes wrong with it. */
export type FaultHook = (request: RequestRecord) => Fault | undefined;
