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

/** @throws {Failure} `invalid` for a forge that knows tokens only */
export function tokenOf(credentials: ForgeCredentials, title: string): string {
  if (credentials.kind === 'token') return credentials.token;
  throw new Failure('invalid', `${title} knows no GitHub App`, {
    hint: 'Put an access token under the key token of the Secret that spec.forge.secretRef names.',
  });
}
