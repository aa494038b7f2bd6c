import { BlockList, isIP } from 'node:net';
import { Failure } from './failure.ts';

/** An HTTP proxy. Credentials never go into its URL. */
export interface Proxy {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy on the way to `target`: the one that is named for the repository, else by the variables that
 * curl and git read (`https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`, in either case).
 *
 * @throws {Failure} `invalid` for an address that is no HTTP proxy's
 */
export function proxyFor(target: URL, own: Proxy | undefined, env: Environment): Proxy | undefined {
  if (own) return checked(own);
  const read = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? '';
  const text = read(`${target.protocol.slice(0, -1)}_proxy`) || read('all_proxy');
  if (text === '' || isExempt(target, read('no_proxy'))) return undefined;
  return checked({ url: text.includes('://') ? text : `http://${text}` });
}

/** For programs that take a proxy as one URL. Not for a log. */
export function proxyUrlWithCredentials({ url, username, password }: Proxy): string {
  const full = new URL(url);
  full.username = encodeURIComponent(username ?? '');
  full.password = encodeURIComponent(password ?? '');
  return full.href;
}

/** The header Proxy-Authorization; undefined without credentials. */
export function proxyAuthorization({ username, password }: Proxy): string | undefined {
  if (username === undefined && password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`;
}

function checked({ url, username, password }: Proxy): Proxy {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new Failure('invalid', 'the proxy is not an http or https address', {
      hint: 'write it like http://proxy.example.org:3128',
    });
  }
  return {
    url: parsed.origin,
    username: username ?? (decodeURIComponent(parsed.username) || undefined),
    password: password ?? (decodeURIComponent(parsed.password) || undefined),
  };
}

/** `no_proxy`: names and what ends in them, addresses, networks, each with a port if it likes; `*` for all. */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => covers(entry.toLowerCase(), host, ownPort));
}

function covers(entry: string, host: string, ownPort: string): boolean {
  if (entry === '*') return true;
  const network = /^(.+)\/(\d+)$/.exec(entry);
  if (network) return isInside(host, network[1] ?? '', Number(network[2]));
  const withPort = isIP(entry) === 0 ? /^(.+):(\d+)$/.exec(entry) : null;
  if (withPort && withPort[2] !== ownPort) return false;
  return isBelow(host, withPort?.[1] ?? entry);
}

function isBelow(host: string, name: string): boolean {
  const bare = name.replace(/^\*?\./, '');
  return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
}

function isInside(host: string, network: string, bits: number): boolean {
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || bits > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, bits, type);
  return list.check(host, type);
}
