/**
 * What a webhook asks us to look at. It is a reason to look again and nothing more: what is there is
 * read from Git and from the forge's API.
 */
export type WebhookEvent =
  | {
      readonly kind: 'push';
      /** `owner/name` in lower case. */
      readonly repository: string;
      /** Full ref name. */
      readonly ref: string;
      /** The commit the ref names now; 40 zeros when the ref was deleted. */
      readonly after: string;
    }
  | {
      readonly kind: 'pull-request';
      /** `owner/name` in lower case. */
      readonly repository: string;
      readonly number: number;
      readonly headSha: string;
    }
  | { readonly kind: 'other'; readonly event: string };

/** A delivery as it came in. */
export interface WebhookDelivery {
  /** The first value of a header, by lower-case name. */
  header(name: string): string | undefined;
  /** The body, byte for byte: the signature covers these bytes. */
  readonly body: Uint8Array;
}

/**
 * Checks a delivery's signature and reads it.
 *
 * @throws {Failure} `denied` when it is not signed with `secret`, `invalid` when it cannot be read
 */
export type WebhookReader = (delivery: WebhookDelivery, secret: string) => WebhookEvent;
