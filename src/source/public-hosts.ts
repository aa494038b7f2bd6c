import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Failure } from '../lib/failure.ts';
import { isPublicAddress } from './public-address.ts';

/**
 * Resolves names to public addresses only. Given to the connection itself, so that the address that is
 * judged is the one that is connected to, whatever the name means a moment later.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const refused = addresses?.find(({ address }) => !isPublicAddress(address));
    if (error) callback(error, []);
    else if (refused) callback(refusal(hostname), []);
    else if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
  });
};

/** For an agent. Through a proxy it is the proxy that looks names up, and decides where it lets people go. */
export function lookupFor({ isPublicOnly }: { readonly isPublicOnly?: boolean | undefined }): {
  readonly lookup?: LookupFunction;
} {
  return isPublicOnly === true ? { lookup: publicLookup } : {};
}

/**
 * Refuses addresses that are written out: no connection looks them up.
 *
 * @throws {Failure} `denied`
 */
export function requirePublicHost({ hostname }: URL): void {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0 && !isPublicAddress(address)) throw refusal(hostname);
}

function refusal(host: string): Failure {
  return new Failure('denied', `${host} is not on the public internet`, {
    hint: 'what stands in Git must not make this service ask hosts of private networks; those that it may ask are named with --package-host',
  });
}

/** Hosts that may be on a private network, as `host` or `host:port`. */
export function isNamedHost(
  { hostname, host, protocol, port }: URL,
  named: readonly string[],
): boolean {
  const full = port === '' ? `${host}:${protocol === 'https:' ? '443' : '80'}` : host;
  return named.includes(hostname) || named.includes(full);
}
