import http from 'node:http';
import https from 'node:https';
import { rootCertificates } from 'node:tls';
import { Failure } from '../lib/failure.ts';
import { proxyAgent } from '../lib/proxy-agent.ts';
import { proxyAuthorization, proxyFor, type Proxy } from '../lib/proxy.ts';
import type { GitRemote } from './git-source.ts';
import { KnownServer } from './known-server.ts';
import { lookupFor } from './public-hosts.ts';

/** How a request reaches its host. */
interface Way {
  readonly agent: http.Agent;
  /** Where plain http is sent to when there is a proxy, and what that is told. */
  readonly viaProxy?: {
    readonly at: { readonly hostname: string; readonly port: string };
    readonly headers: Readonly<Record<string, string>>;
  };
}

/**
 * Connections that stay open, shared by all requests that trust the same certificates and go the same way,
 * and what is known of the servers at their ends.
 */
export class GitAgents {
  readonly #agents = new Map<string, http.Agent>();
  readonly #servers = new Map<string, KnownServer>();
  readonly #env: Readonly<Record<string, string | undefined>>;

  /** @param env variables of this process; those that name proxies count */
  constructor(env: Readonly<Record<string, string | undefined>> = {}) {
    this.#env = env;
  }

  wayTo(base: URL, remote: Pick<GitRemote, 'ca' | 'proxy' | 'isPublicOnly'>): Way {
    const proxy = proxyFor(base, remote.proxy, this.#env);
    if (base.protocol === 'https:') return { agent: this.#httpsAgent(remote, proxy) };
    // A proxy stands in a private network as a rule.
    const isPublicOnly = remote.isPublicOnly === true && !proxy;
    const agent = this.#agentFor(
      JSON.stringify(['http', isPublicOnly]),
      () => new http.Agent({ keepAlive: true, ...lookupFor({ isPublicOnly }) }),
    );
    if (!proxy) return { agent };
    const { protocol, hostname, port } = new URL(proxy.url);
    if (protocol === 'https:') {
      throw new Failure('invalid', 'plain http does not go through a proxy that speaks https', {
        hint: 'write an http:// address of the proxy, or https:// into spec.url',
      });
    }
    const authorization = proxyAuthorization(proxy);
    const headers = {
      host: base.host,
      ...(authorization !== undefined && { 'proxy-authorization': authorization }),
    };
    return { agent, viaProxy: { at: { hostname, port: port || '80' }, headers } };
  }

  #httpsAgent(
    remote: Pick<GitRemote, 'ca' | 'isPublicOnly'>,
    proxy: Proxy | undefined,
  ): http.Agent {
    const { ca, isPublicOnly } = remote;
    const options = { keepAlive: true, ...(ca && { ca: [...rootCertificates, ca] }) };
    return this.#agentFor(JSON.stringify(['https', ca, proxy, isPublicOnly]), () =>
      proxy ? proxyAgent(proxy, options) : new https.Agent({ ...options, ...lookupFor(remote) }),
    );
  }

  #agentFor(key: string, make: () => http.Agent): http.Agent {
    const agent = this.#agents.get(key) ?? make();
    this.#agents.set(key, agent);
    return agent;
  }

  serverAt(url: string): KnownServer {
    const server = this.#servers.get(url) ?? new KnownServer();
    this.#servers.set(url, server);
    return server;
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }
}
