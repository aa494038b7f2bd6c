import { Failure } from '../lib/failure.ts';
import type { RepositoryPlace } from './forge-kind.ts';

const MAX_URL_LENGTH = 2_048;
/** Names of projects may have blanks, but nothing that would move a request elsewhere. */
const SEGMENT = /^(?!\.+$)[^/\\?#%\p{Cc}]{1,100}$/u;

/**
 * Where a clone URL of Azure DevOps leads: `<root>/<project>/_git/<repository>`, or `<root>/_git/<repository>`
 * when both have one name. A user name before the host is dropped.
 *
 * @throws {Failure} `invalid`, without repeating what could be a credential
 */
export function azureLocate(url: string, apiUrl: string | undefined): RepositoryPlace {
  const parsed = url.length <= MAX_URL_LENGTH && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) throw notOfAzure();
  const segments = decoded(parsed.pathname);
  const name = segments.pop();
  if (name === undefined || segments.pop() !== '_git') throw notOfAzure();
  const project = (hasProject(parsed.hostname, segments) ? segments.pop() : undefined) ?? name;
  const root = [parsed.origin, ...segments.map(encodeURIComponent)].join('/');
  return {
    apiBase: apiUrl ?? root,
    segments: [project, name],
    path: `${project}/${name}`.toLowerCase(),
  };
}

/** In front of the project stand an organization or a collection, which the old host names have in themselves. */
function hasProject(host: string, before: readonly string[]): boolean {
  if (!host.endsWith('.visualstudio.com')) return before.length > 1;
  return before.length > 0 && before.at(-1) !== 'DefaultCollection';
}

function decoded(pathname: string): string[] {
  try {
    const segments = pathname.split('/').filter((segment) => segment !== '');
    const names = segments.map((segment) => decodeURIComponent(segment));
    return names.every((name) => SEGMENT.test(name)) ? names : [];
  } catch {
    return [];
  }
}

function notOfAzure(): Failure {
  return new Failure(
    'invalid',
    'the repository URL has no /<project>/_git/<repository> at its end',
    {
      hint: 'Copy the HTTPS clone URL from the repository’s page in Azure DevOps.',
    },
  );
}
