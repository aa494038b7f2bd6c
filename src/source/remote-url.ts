import { Failure } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';

/**
 * The address of a repository: http, https or ssh. Nothing else reaches git: no local path, no
 * `file:`, no `ext::`, nothing that a program could take for an option.
 *
 * @throws {Failure} `invalid`, without repeating what could be a credential
 */
export function parseRemoteUrl(text: string): URL {
  const trimmed = text.replace(/\/+$/, '');
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  if (!url || !/^(https?|ssh):$/.test(url.protocol)) {
    throw new Failure('invalid', `${quoted(text)} is not an http, https or ssh address`, {
      hint: scpHint(trimmed),
    });
  }
  const isSsh = url.protocol === 'ssh:';
  if (url.password !== '' || (url.username !== '' && !isSsh)) {
    throw new Failure('invalid', `the address of ${url.host} has credentials in it`, {
      hint: 'Put them into the Secret of spec.secretRef, as username and password.',
    });
  }
  if (url.search !== '' || url.hash !== '') {
    throw new Failure('invalid', `the address of the repository on ${url.host} has a ? or # in it`);
  }
  if (isSsh) checkSsh(url, text);
  return url;
}

/** Users, hosts and paths as ssh and the shell on the other side take them without quotes. */
function checkSsh(url: URL, text: string): void {
  const isPlain =
    /^[\w.][\w.-]*$/.test(url.username || 'git') &&
    /^(\[[\da-fA-F:.]+\]|[\w][\w.-]*)$/.test(url.hostname) &&
    /^\/[\w.~/+@%-]+$/.test(url.pathname) &&
    !url.pathname.startsWith('/-');
  if (isPlain) return;
  throw new Failure('invalid', `${quoted(text)} is not an ssh address that may be used`, {
    hint: 'Write it like ssh://git@git.example.org/team/fleet.git.',
  });
}

const quoted = (text: string): string => redactText(JSON.stringify(text.slice(0, 200)));

/** `git@host:team/fleet.git` is what Git hosts show. */
function scpHint(text: string): string {
  const [, user = 'git', host, path] = /^(?:([\w.-]+)@)?([\w.-]+):([\w.~/-]+)$/.exec(text) ?? [];
  return host === undefined || path === undefined
    ? 'Write it like https://git.example.org/team/fleet.git or ssh://git@git.example.org/team/fleet.git.'
    : `Write it as ssh://${user}@${host}/${path.replace(/^\/+/, '')}.`;
}
