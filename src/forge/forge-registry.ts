import type { Forge } from './forge.ts';
import { forgeHttp, type ForgeHttpOptions } from './forge-http.ts';
import { giteaForge } from './gitea.ts';
import { readGiteaWebhook } from './gitea-webhook.ts';
import { parseRepositoryUrl, type RepositoryAddress } from './repository-url.ts';
import type { WebhookReader } from './webhook-event.ts';

/** The forges we speak to. */
export type ForgeType = 'gitea';

export interface ForgeOptions {
  readonly type: ForgeType;
  /** The repository's clone URL. */
  readonly url: string;
  /** Where the API begins, when it is not where the clone URL says. */
  readonly apiUrl?: string | undefined;
  readonly token: string;
  /** PEM certificates to trust beside the usual ones. */
  readonly ca?: string | undefined;
}

/** A forge that holds connections open until it is closed. */
export type OpenForge = Forge & { close(): void };

interface ForgeKind {
  readonly apiBase: (address: RepositoryAddress) => string;
  readonly authorization: (token: string) => string;
  readonly open: (http: ReturnType<typeof forgeHttp>, address: RepositoryAddress) => Forge;
  readonly readWebhook: WebhookReader;
}

/** Every forge we speak to. To add one: write the adapter, add a line here, add its rows to the tests. */
const FORGES = {
  gitea: {
    apiBase: ({ root }) => `${root}/api/v1`,
    authorization: (token) => `token ${token}`,
    open: giteaForge,
    readWebhook: readGiteaWebhook,
  },
} satisfies Record<ForgeType, ForgeKind>;

/**
 * The forge of one repository.
 *
 * @throws {Failure} `invalid` when a URL cannot be used
 */
export function openForge(
  options: ForgeOptions,
  limits: Pick<ForgeHttpOptions, 'timeoutMs'> = {},
): OpenForge {
  const kind = FORGES[options.type];
  const address = parseRepositoryUrl(options.url);
  const http = forgeHttp({
    apiBase: options.apiUrl ?? kind.apiBase(address),
    authorization: kind.authorization(options.token),
    ca: options.ca,
    ...limits,
  });
  return { ...kind.open(http, address), close: http.close };
}

/** How deliveries of a forge are checked and read. */
export function webhookReader(type: ForgeType): WebhookReader {
  return FORGES[type].readWebhook;
}
