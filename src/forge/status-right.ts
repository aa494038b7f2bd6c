/** Whether a token may write commit statuses, as far as its forge tells before one is written. */
export interface StatusRight {
  /** Undefined when the forge does not tell. */
  readonly may: boolean | undefined;
  /** What it is known or not known by, for people. */
  readonly because: string;
}
