import type { GoFunction } from './go-function.ts';
import { escapeUrlPart, unescapeUrlPart } from './template-url-escapes.ts';
import { goKind } from './template-values.ts';

/** sprig's functions of URLs, which are those of Go's net/url. */
export const URL_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  urlParse: (text) => urlDict(text as string),
  urlJoin: (dict) => joinUrl((dict ?? {}) as Readonly<Record<string, unknown>>),
};

interface Url {
  readonly scheme: string;
  readonly opaque: string;
  /** Undefined when there is none, which is not the same as an empty one. */
  readonly user: readonly string[] | undefined;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

function urlDict(text: string): Record<string, string> {
  const { user, ...url } = parsed(text);
  const hostname = hostnameOf(url.host);
  return Object.assign(Object.create(null) as Record<string, string>, {
    ...url,
    hostname,
    userinfo: user === undefined ? '' : userText(user),
  });
}

function parsed(text: string): Url {
  try {
    return parseUrl(text);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`unable to parse url: parse ${JSON.stringify(text)}: ${why}`, {
      cause: thrown,
    });
  }
}

/** url.Parse. */
function parseUrl(text: string): Url {
  const [address, fragment] = cut(text, '#');
  if (/(?![\u0080-\u009F])\p{Cc}/u.test(address))
    throw new Error('invalid control character in URL');
  const { scheme, rest } = schemeOf(address);
  const [hierarchy, query] = cut(rest, '?');
  const isOpaque = scheme !== '' && !hierarchy.startsWith('/');
  const parts = isOpaque
    ? { opaque: hierarchy, user: undefined, host: '', path: '' }
    : { opaque: '', ...hierarchyOf(hierarchy, scheme) };
  return { scheme, query, ...parts, fragment: unescapeUrlPart(fragment, 'fragment') };
}

function cut(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function schemeOf(text: string): { scheme: string; rest: string } {
  if (text.startsWith(':')) throw new Error('missing protocol scheme');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1];
  if (scheme === undefined) return { scheme: '', rest: text };
  return { scheme: scheme.toLowerCase(), rest: text.slice(scheme.length + 1) };
}

function hierarchyOf(text: string, scheme: string): Pick<Url, 'user' | 'host' | 'path'> {
  if (!text.startsWith('/') && cut(text, '/')[0].includes(':'))
    throw new Error('first path segment in URL cannot contain colon');
  const hasAuthority = text.startsWith('//') && (scheme !== '' || !text.startsWith('///'));
  if (!hasAuthority) return { user: undefined, host: '', path: unescapeUrlPart(text, 'path') };
  const slash = text.indexOf('/', 2);
  const end = slash < 0 ? text.length : slash;
  return {
    ...authorityOf(text.slice(2, end)),
    path: unescapeUrlPart(text.slice(end), 'path'),
  };
}

function authorityOf(text: string): Pick<Url, 'user' | 'host'> {
  const at = text.lastIndexOf('@');
  const host = hostOf(text.slice(at + 1));
  if (at < 0) return { user: undefined, host };
  const info = text.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(info)) throw new Error('net/url: invalid userinfo');
  const colon = info.indexOf(':');
  const parts = colon < 0 ? [info] : [info.slice(0, colon), info.slice(colon + 1)];
  return { user: parts.map((part) => unescapeUrlPart(part, 'user')), host };
}

function hostOf(text: string): string {
  const bracket = text.startsWith('[') ? text.lastIndexOf(']') : undefined;
  if (bracket === -1) throw new Error("missing ']' in host");
  const colon = bracket === undefined ? text.lastIndexOf(':') : bracket + 1;
  const port = colon < 0 ? '' : text.slice(colon);
  if (!/^(:[0-9]*)?$/.test(port))
    throw new Error(`invalid port ${JSON.stringify(port)} after host`);
  return unescapeUrlPart(text, 'host');
}

/** URL.Hostname: no port, no brackets. */
function hostnameOf(host: string): string {
  const bare = /^(.*):[0-9]*$/s.exec(host)?.[1] ?? host;
  return bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare;
}

function userText(user: readonly string[]): string {
  return user.map((part) => escapeUrlPart(part, 'user')).join(':');
}

function joinUrl(dict: Readonly<Record<string, unknown>>): string {
  const info = textAt(dict, 'userinfo');
  return urlText({
    scheme: textAt(dict, 'scheme'),
    host: textAt(dict, 'host'),
    path: textAt(dict, 'path'),
    query: textAt(dict, 'query'),
    opaque: textAt(dict, 'opaque'),
    fragment: textAt(dict, 'fragment'),
    user: info === '' ? undefined : parsed(`proto://${info}@host`).user,
  });
}

function textAt(dict: Readonly<Record<string, unknown>>, key: string): string {
  if (!Object.hasOwn(dict, key)) return '';
  const value = dict[key];
  if (typeof value === 'string') return value;
  throw new Error(`unable to parse ${key} key, must be of type string, but ${goKind(value)} found`);
}

/** URL.String. */
function urlText(url: Url): string {
  const { scheme, query, fragment } = url;
  const start = scheme === '' ? '' : `${scheme}:`;
  const end = fragment === '' ? '' : `#${escapeUrlPart(fragment, 'fragment')}`;
  const middle = url.opaque === '' ? hierarchyText(url, start) : url.opaque;
  return `${start}${middle}${query === '' ? '' : `?${query}`}${end}`;
}

function hierarchyText({ user, host, path }: Url, start: string): string {
  const info = user === undefined ? '' : `${userText(user)}@`;
  const hasAuthority = host + info !== '' || (start !== '' && path !== '');
  const authority = hasAuthority ? `//${info}${escapeUrlPart(host, 'host')}` : '';
  const escapedPath = path === '*' ? '*' : escapeUrlPart(path, 'path');
  return authority + pathStart(escapedPath, host, start + authority) + escapedPath;
}

/** What must stand before a path so that it is read as one. */
function pathStart(path: string, host: string, before: string): string {
  if (path !== '' && !path.startsWith('/') && host !== '') return '/';
  return before === '' && cut(path, '/')[0].includes(':') ? './' : '';
}
