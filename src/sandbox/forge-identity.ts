import type { ForgeState, ForgeUser } from './forge-state.ts';

/** Who sends a request: somebody, nobody in particular, or somebody whose credentials are wrong. */
export type Identity =
  | { readonly kind: 'user'; readonly user: ForgeUser }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'wrong' };

/** Reads `Authorization`: Basic with any user name and a token as password, or `token` or `Bearer` and a token. */
export function identify(authorization: string | undefined, state: ForgeState): Identity {
  if (authorization === undefined) return { kind: 'anonymous' };
  const [scheme = '', credential = ''] = authorization.split(' ');
  const user = candidates(scheme.toLowerCase(), credential)
    .map((token) => state.userOf(token))
    .find((found) => found !== undefined);
  return user ? { kind: 'user', user } : { kind: 'wrong' };
}

/** Basic may carry the token as the user name too, beside an empty password. */
function candidates(scheme: string, credential: string): readonly string[] {
  if (scheme === 'token' || scheme === 'bearer') return [credential];
  if (scheme !== 'basic') return [];
  const [name = '', ...password] = Buffer.from(credential, 'base64').toString('utf8').split(':');
  return [password.join(':'), name].filter((token) => token !== '');
}
