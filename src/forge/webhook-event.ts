/**
 * What a webhook asks us to look at. It is a reason to look again and nothing more: what is there is
 * read from Git and from the forge's API.
 */
export type WebhookEvent =
  | {
      readonly kind: 'push';
      /** As `path` of RepositoryPlace names it. */
      readonly repository: string;
      /** Full ref name. */
      readonly ref: string;
      /** The commit the ref names now; 40 zeros when the ref was deleted. */
      readonly after: string;
    }
  | {
      readonly kind: 'pull-request';
      readonly repository: string;
      readonly number: number;
      readonly headSha: string;
    }
  | {
      readonly kind: 'other';
      readonly event: string;
      /** Undefined when the event is of none. */
      readonly repository: string | undefined;
    };

/** The first value of a header, by lower-case name. */
export type HeaderOf = (name: string) => string | undefined;

/** A delivery as it came in. */
export interface WebhookDelivery {
  readonly header: HeaderOf;
  /** The body, byte for byte: a signature covers these bytes. */
  readonly body: Uint8Array;
}

/** How deliveries of a forge are told from others, checked and read. */
export interface WebhookKind {
  /** True when there is something to check in the headers; asked before the body is read. */
  readonly carriesProof: (header: HeaderOf) => boolean;
  /** True when the delivery was made by somebody who knows `secret`; compares in constant time. */
  readonly isProven: (delivery: WebhookDelivery, secret: string) => boolean;
  /**
   * What it says, proven or not.
   *
   * @throws {Failure} `invalid` when it cannot be read
   */
  readonly read: (delivery: WebhookDelivery) => WebhookEvent;
}
