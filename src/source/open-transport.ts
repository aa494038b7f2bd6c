import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Scope } from '../lib/scope.ts';
import type { GitAgents } from './git-agents.ts';
import { GitHttp } from './git-http.ts';
import type { GitLimits } from './git-limits.ts';
import type { GitRemote } from './git-source.ts';
import { httpTransport } from './http-transport.ts';
import { nativeTransport } from './native-transport.ts';
import { parseRemoteUrl } from './remote-url.ts';
import type { Transport } from './transport.ts';

/** When native git speaks http: for large histories where it is installed, always, or never. */
export type NativeChoice = 'auto' | 'always' | 'never';

export interface TransportOptions {
  readonly limits: GitLimits;
  /** Variables of this process: PATH, and those that name proxies. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** `auto` when absent. */
  readonly native?: NativeChoice | undefined;
}

/** The way to `remote` for one operation: native git for ssh, ours for http unless it is told otherwise. */
export function openTransport(
  remote: GitRemote,
  { env = {}, limits, native = 'auto' }: TransportOptions,
  agents: GitAgents,
  scope: Scope,
): Transport {
  // What the program git connects to cannot be checked.
  const mayRun = remote.isPublicOnly !== true;
  const isSsh = parseRemoteUrl(remote.url).protocol === 'ssh:';
  const program = (url: string): Transport =>
    nativeTransport({ ...remote, url }, { env, limits }, scope);
  if (isSsh || (mayRun && native === 'always')) return program(remote.url);
  const http = new GitHttp(remote, limits, agents, scope);
  return httpTransport(
    http,
    limits,
    mayRun && native === 'auto' && hasGit(env) ? program : undefined,
  );
}

/** Whether the program git is on the PATH. */
function hasGit({ PATH = '' }: Readonly<Record<string, string | undefined>>): boolean {
  return PATH.split(delimiter).some((folder) => existsSync(join(folder, 'git')));
}
