import { createPrivateKey, createSign, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { Authorization } from './authorization.ts';
import type { ForgeCredentials } from './forge-credentials.ts';
import type { Connect } from './forge-kind.ts';
import { appStatusRight } from './github-rights.ts';
import { jsonApi, type JsonApi } from './json-api.ts';
import type { StatusRight } from './status-right.ts';

type AppCredentials = Extract<ForgeCredentials, { kind: 'github-app' }>;

/** A GitHub App as it works in one repository. */
export interface GithubApp {
  /** With a token of the installation, good for this repository alone. */
  readonly authorization: Authorization;
  /** Who comments of the App are from. */
  whoAmI(scope: Scope): Promise<string>;
  /** What its installation may do. */
  statusRight(scope: Scope): Promise<StatusRight>;
}

/** GitHub takes at most ten minutes, and its clock may be behind ours. */
const JWT_LIFE_S = 540;
const CLOCK_DRIFT_S = 60;
/** A token is good for an hour; the one in use is replaced this long before. */
const RENEW_BEFORE_MS = 300_000;

const InstallationToken = z.object({ token: z.string(), expires_at: z.iso.datetime() });
type InstallationToken = z.infer<typeof InstallationToken>;

/**
 * Signs in as an installation of a GitHub App. Tokens are kept until shortly before their end; calls at the
 * same time share one.
 *
 * @param repository name of the repository, without its owner
 * @throws {Failure} `invalid` when the key is none
 */
export function githubApp(
  credentials: AppCredentials,
  repository: string,
  connect: Connect,
): GithubApp {
  const key = readKey(credentials.privateKey);
  const asApp = (scope: Scope): string => {
    const nowS = Math.floor(scope.clock.now() / 1_000);
    return `Bearer ${jwt({ iat: nowS - CLOCK_DRIFT_S, exp: nowS + JWT_LIFE_S, iss: credentials.appId }, key)}`;
  };
  const authorization = {
    value: (scope: Scope) => Promise.resolve(asApp(scope)),
    refused: () => undefined,
  };
  const api = jsonApi(connect({ authorization, isPaced: false }), '');
  return {
    authorization: installation(credentials.installationId, repository, api),
    whoAmI: async (scope) => {
      const { slug } = await api.get('/app', z.object({ slug: z.string() }), scope);
      return `${slug}[bot]`;
    },
    statusRight: (scope) => appStatusRight(credentials.installationId, api, scope),
  };
}

interface Kept {
  readonly value: Promise<string>;
  /** Epoch ms; infinite while it is on its way. */
  renewAt: number;
}

function installation(id: string, repository: string, api: JsonApi): Authorization {
  let kept: Kept | undefined;
  const call = {
    method: 'POST',
    path: `/app/installations/${encodeURIComponent(id)}/access_tokens`,
    body: { repositories: [repository] },
  } as const;

  async function settle(answer: Promise<InstallationToken>, next: Kept): Promise<void> {
    try {
      next.renewAt = Date.parse((await answer).expires_at) - RENEW_BEFORE_MS;
    } catch {
      // Whoever waits for the value is told; the next one asks anew.
      if (kept === next) kept = undefined;
    }
  }

  function renew(scope: Scope): Kept {
    const answer = api.sendFor(call, InstallationToken, scope);
    const next: Kept = {
      value: answer.then(({ token }) => `Bearer ${token}`),
      renewAt: Number.POSITIVE_INFINITY,
    };
    void settle(answer, next);
    return next;
  }

  return {
    value: (scope) => {
      if (kept === undefined || kept.renewAt <= scope.clock.now()) kept = renew(scope);
      return kept.value;
    },
    refused: () => {
      kept = undefined;
    },
  };
}

function readKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // What was wrong with it could repeat parts of the key.
  }
  throw new Failure('invalid', 'githubAppPrivateKey is not an RSA private key', {
    hint: 'Put the whole file that GitHub gave you (.pem), with its BEGIN and END lines, into the Secret.',
  });
}

/** RFC 7519, signed with RS256. */
function jwt(claims: object, key: KeyObject): string {
  const encoded = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = createSign('RSA-SHA256').update(encoded).sign(key, 'base64url');
  return `${encoded}.${signature}`;
}
