import type { Authorization } from './authorization.ts';
import type { Forge } from './forge.ts';
import type { ForgeCredentials } from './forge-credentials.ts';
import type { ForgeHttp } from './forge-http.ts';
import type { WriteLimits } from './forge-pace.ts';
import type { WebhookKind } from './webhook-event.ts';

/** Where a repository is at its forge. */
export interface RepositoryPlace {
  /** Where the forge's API begins. */
  readonly apiBase: string;
  /** What names it at the forge, decoded: owner and name, or as many groups as there are. */
  readonly segments: readonly string[];
  /** How the forge's webhooks name it, in lower case: what `read` of {@link WebhookKind} gives. */
  readonly path: string;
}

/** Heads of pull requests as ls-refs shows them: `<prefix><number><suffix>`. */
export interface PullRefs {
  readonly prefix: string;
  readonly suffix: string;
}

/** How a client of a forge signs in and what it sends. */
export interface ClientOptions {
  readonly authorization: string | Authorization;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** False for calls that others wait for to be made, such as for a token: default true. */
  readonly isPaced?: boolean;
}

/** Opens another client of the same forge. */
export type Connect = (options: ClientOptions) => ForgeHttp;

/** What a forge's file exports; the registry holds one a forge. */
export interface ForgeKind {
  /** Its name, for people. */
  readonly title: string;
  /** True for hosts (`name:port`, lower case) that are known to run it. */
  readonly runsAt: (host: string) => boolean;
  /**
   * Reads a clone URL; `apiUrl` is what `spec.forge.apiUrl` says.
   *
   * @throws {Failure} `invalid`, without repeating what could be a credential
   */
  readonly locate: (url: string, apiUrl: string | undefined) => RepositoryPlace;
  /** Undefined when the forge shows no such refs. */
  readonly pullRefs: PullRefs | undefined;
  /** What the forge bears of one token, where it says so. */
  readonly writeLimits?: WriteLimits;
  /** @throws {Failure} `invalid` when it does not take such credentials */
  readonly open: (connect: Connect, place: RepositoryPlace, credentials: ForgeCredentials) => Forge;
  readonly webhook: WebhookKind;
}
