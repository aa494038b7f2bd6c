import { Failure } from '../lib/failure.ts';

/** Where a repository lives at its forge, read from its clone URL. */
export interface RepositoryAddress {
  /** Scheme, host, port and the folder the forge is served from, without a slash at the end. */
  readonly root: string;
  readonly owner: string;
  readonly name: string;
}

const MAX_URL_LENGTH = 2_048;
const SEGMENT = /^[A-Za-z0-9_.-]{1,100}$/;

/**
 * Owner and name of an http(s) clone URL whose path ends in `/owner/name` or `/owner/name.git`. User
 * name and password are dropped.
 *
 * @throws {Failure} `invalid`, without repeating what could be a credential
 */
export function parseRepositoryUrl(url: string): RepositoryAddress {
  const parsed = url.length <= MAX_URL_LENGTH && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new Failure('invalid', 'the repository URL is not an http or https URL', {
      hint: 'Forges are reached over http(s); write the URL like https://git.example.org/team/fleet.git.',
    });
  }
  const segments = parsed.pathname.split('/').filter((segment) => segment !== '');
  const name = segments.pop()?.replace(/\.git$/, '') ?? '';
  const owner = segments.pop() ?? '';
  if (![...segments, owner, name].every(isSegment)) {
    throw new Failure(
      'invalid',
      `the repository URL at ${parsed.host} has no /owner/name at its end`,
      {
        hint: 'Copy the HTTPS clone URL from the repository’s page.',
      },
    );
  }
  return { root: [parsed.origin, ...segments].join('/'), owner, name };
}

/** True for a path segment that stays where it is put: `.` and `..` would move the request elsewhere. */
function isSegment(segment: string): boolean {
  return SEGMENT.test(segment) && !/^\.+$/.test(segment);
}
