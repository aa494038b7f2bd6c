import { Failure } from '../lib/failure.ts';
import { proxyFor, type Proxy } from '../lib/proxy.ts';
import { sha256 } from '../lib/sha256.ts';
import { FORGE_TYPES, type ForgeType } from '../model/forge-type.ts';
import type { Forge } from './forge.ts';
import { forgeHttp, type ForgeHttp, type ForgeHttpOptions } from './forge-http.ts';
import type { ForgeCredentials } from './forge-credentials.ts';
import type { ForgeKind } from './forge-kind.ts';
import type { ForgePaces } from './forge-pace.ts';
import { azureDevOps } from './azure-devops.ts';
import { bitbucketCloud } from './bitbucket-cloud.ts';
import { bitbucketDataCenter } from './bitbucket-data-center.ts';
import { gitea } from './gitea.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { pacedHttp } from './paced-http.ts';
import type { Quota } from './rate-limit.ts';

/** Every forge we speak to. To add one: write its file, add a line here and its rows to the tests. */
export const FORGES: Readonly<Record<ForgeType, ForgeKind>> = {
  github,
  gitlab,
  gitea,
  'bitbucket-cloud': bitbucketCloud,
  'bitbucket-data-center': bitbucketDataCenter,
  'azure-devops': azureDevOps,
};

export interface ForgeOptions {
  readonly type: ForgeType;
  /** The repository's clone URL. */
  readonly url: string;
  /** Where the API begins, when it is not where the clone URL says. */
  readonly apiUrl?: string | undefined;
  readonly credentials: ForgeCredentials;
  /** PEM certificates to trust beside the usual ones. */
  readonly ca?: string | undefined;
  /** Goes before what the environment says. */
  readonly proxy?: Proxy | undefined;
}

/** A forge that keeps the pace of its token. */
export interface PacedForge extends Forge {
  /** Milliseconds until the next status or comment may be written, at `now`, epoch ms. */
  writeWaitMs(now: number): number;
}

/** A forge that holds connections open until it is closed. */
export interface OpenForge extends PacedForge {
  /** What it still allows us, as its newest answer said; undefined when it says nothing of it. */
  quota(): Quota | undefined;
  close(): void;
}

/** What all forges of a process share, and what tests set. */
export interface ForgeEnvironment extends Pick<ForgeHttpOptions, 'timeoutMs'> {
  /** Without them every forge is spoken to as fast as it answers. */
  readonly paces?: ForgePaces | undefined;
  /** Variables that may name a proxy; none when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The forge of one repository.
 *
 * @throws {Failure} `invalid` when a URL or the credentials cannot be used
 */
export function openForge(
  options: ForgeOptions,
  { paces, env = {}, ...limits }: ForgeEnvironment = {},
): OpenForge {
  const { type, url, apiUrl, ca, credentials } = options;
  const kind = FORGES[type];
  const place = kind.locate(url, apiUrl);
  const { apiBase } = place;
  const proxy = URL.canParse(apiBase) ? proxyFor(new URL(apiBase), options.proxy, env) : undefined;
  const opened: ForgeHttp[] = [];
  const pace = paces?.of(identityOf(apiBase, credentials), kind.writeLimits);
  const forge = kind.open(
    ({ authorization, headers = {}, isPaced = true }) => {
      const http = forgeHttp({ apiBase, authorization, headers, ca, proxy, ...limits });
      opened.push(http);
      return pace && isPaced ? pacedHttp(http, pace) : http;
    },
    place,
    credentials,
  );
  return {
    ...forge,
    writeWaitMs: (now) => pace?.waitMs(true, now) ?? 0,
    quota: () => opened[0]?.quota(),
    close: () => {
      for (const http of opened) http.close();
    },
  };
}

/** The same for all repositories of a forge that one token is used for. */
function identityOf(apiBase: string, credentials: ForgeCredentials): string {
  const origin = URL.canParse(apiBase) ? new URL(apiBase).origin : apiBase;
  return sha256(JSON.stringify([origin, credentials]));
}

/**
 * The forge of a repository: the one that is named, or that is known to run at the host of its clone URL.
 *
 * @throws {Failure} `invalid` when it is neither named nor known
 */
export function forgeTypeOf(url: string, named: ForgeType | undefined): ForgeType {
  const host = URL.canParse(url) ? new URL(url).host.toLowerCase() : '';
  const type = named ?? FORGE_TYPES.find((known) => FORGES[known].runsAt(host));
  if (type) return type;
  throw new Failure('invalid', `spec.forge.type is missing, and ${host} does not tell it`, {
    hint: `Write the program that runs there: ${FORGE_TYPES.join(', ')}.`,
  });
}
