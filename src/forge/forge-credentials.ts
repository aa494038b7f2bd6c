import { Failure } from '../lib/failure.ts';

/** What the Secret of `spec.forge.secretRef` holds to sign in with. */
export type ForgeCredentials =
  | {
      readonly kind: 'token';
      readonly token: string;
      /** For forges whose tokens go with a name. */
      readonly username?: string | undefined;
    }
  | {
      readonly kind: 'github-app';
      readonly appId: string;
      readonly installationId: string;
      /** PEM. */
      readonly privateKey: string;
    };

/**
 * What a Secret holds to sign in with: `token` (with `username` where a token goes with a name), or `githubAppID`, `githubAppInstallationID` and
 * `githubAppPrivateKey` (Flux's keys).
 *
 * @param where names the Secret
 * @throws {Failure} `invalid`, naming the key that is missing
 */
export function credentialsIn(
  data: Readonly<Record<string, string>>,
  where: string,
): ForgeCredentials {
  if (data['githubAppID'] === undefined) {
    const { username } = data;
    const token = valueOf('token', data, where);
    return { kind: 'token', token, ...(username === undefined ? {} : { username }) };
  }
  return {
    kind: 'github-app',
    appId: data['githubAppID'],
    installationId: valueOf('githubAppInstallationID', data, where),
    privateKey: valueOf('githubAppPrivateKey', data, where),
  };
}

function valueOf(key: string, data: Readonly<Record<string, string>>, where: string): string {
  const value = data[key];
  if (value !== undefined && value !== '') return value;
  throw new Failure('invalid', `${where} has no key ${key}`, {
    hint: 'put an access token that may write commit statuses under the key token, or the three keys of a GitHub App',
  });
}

/** @throws {Failure} `invalid` for a forge that knows tokens only */
export function tokenOf(credentials: ForgeCredentials, title: string): string {
  if (credentials.kind === 'token') return credentials.token;
  throw new Failure('invalid', `${title} knows no GitHub App`, {
    hint: 'Put an access token under the key token of the Secret that spec.forge.secretRef names.',
  });
}
