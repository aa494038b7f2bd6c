import { Failure } from '../lib/failure.ts';

/** Where a repository lives at its forge, read from its clone URL. */
export interface RepositoryAddress {
  /** Scheme, host, port and the folder the forge is served from, without a slash at the end. */
  readonly root: string;
  readonly owner: string;
  readonly name: string;
}

const MAX_URL_LENGTH = 2_048;
const SEGMENT = /^[A-Za-z0-9_.~-]{1,100}$/;

/**
 * Owner and name of a clone URL whose path ends in `/owner/name` or `/owner/name.git`. User name and
 * password are dropped; of an ssh URL the forge is taken to answer at https on the same host.
 *
 * @throws {Failure} `invalid`, without repeating what could be a credential
 */
export function parseRepositoryUrl(url: string): RepositoryAddress {
  const { origin, segments } = repositorySegments(url, 2);
  return {
    root: [origin, ...segments.slice(0, -2)].join('/'),
    owner: segments.at(-2) ?? '',
    name: segments.at(-1) ?? '',
  };
}

/**
 * The path of an http(s) clone URL in parts, without `.git`, none of which leads anywhere else than into
 * the one before.
 *
 * @param atLeast how many parts there have to be
 * @throws {Failure} `invalid`, without repeating what could be a credential
 */
export function repositorySegments(
  url: string,
  atLeast: number,
): { readonly origin: string; readonly segments: readonly string[] } {
  const parsed = url.length <= MAX_URL_LENGTH && URL.canParse(url) ? overHttp(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new Failure('invalid', 'the repository URL is not an http, https or ssh URL', {
      hint: 'Forges are reached over http(s); write the URL like https://git.example.org/team/fleet.git.',
    });
  }
  const path = parsed.pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  const segments = path.split('/').filter((segment) => segment !== '');
  if (path.endsWith('/') || segments.length < atLeast || !segments.every(isSegment)) {
    throw new Failure(
      'invalid',
      `the repository URL at ${parsed.host} has no /owner/name at its end`,
      {
        hint: 'Copy the HTTPS clone URL from the repository’s page.',
      },
    );
  }
  return { origin: parsed.origin, segments };
}

function overHttp(url: string): URL {
  const { protocol, password, hostname, pathname } = new URL(url);
  const isSsh = protocol === 'ssh:' && password === '';
  return new URL(isSsh ? `https://${hostname}${pathname}` : url);
}

/** True for a path segment that stays where it is put: `.` and `..` would move the request elsewhere. */
function isSegment(segment: string): boolean {
  return SEGMENT.test(segment) && !/^\.+$/.test(segment);
}
