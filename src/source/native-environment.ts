import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { Failure } from '../lib/failure.ts';
import { authorizationOf } from './git-http.ts';
import type { GitRemote } from './git-source.ts';
import { hasPassphrase } from './private-key.ts';
import { proxyFor, proxyUrlWithCredentials } from '../lib/proxy.ts';

/** What git needs to know of one remote, in files that only this user may read and in variables. */
export interface NativeEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** Holds keys and certificates while the operation lasts. */
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * Prepares a folder and an environment for git. Credentials go in variables and files, never in
 * arguments, which every user of a machine can read. Nothing of the person's or the machine's own
 * configuration of git and ssh counts.
 *
 * @throws {Failure} `invalid` when the Secret lacks what ssh needs
 */
export async function nativeEnvironment(
  remote: GitRemote,
  url: URL,
  outer: Readonly<Record<string, string | undefined>>,
): Promise<NativeEnvironment> {
  const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-git-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const isSsh = url.protocol === 'ssh:';
    const special = isSsh
      ? await sshOf(remote, url, folder)
      : await httpOf(remote, url, folder, outer);
    const env = {
      PATH: outer['PATH'] ?? '/usr/bin:/bin',
      HOME: folder,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOW_PROTOCOL: url.protocol.slice(0, -1),
      ...special.env,
      ...configVariables({ ...CONFIG, ...special.config }),
    };
    return { env, folder, remove };
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

/** For every run: packs stay packs, nothing runs beside it, nobody is asked anything. */
const CONFIG: Readonly<Record<string, string>> = {
  'core.askPass': 'true',
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
  'credential.helper': '',
  'fetch.recurseSubmodules': 'false',
  'fetch.unpackLimit': '1',
  'fetch.writeCommitGraph': 'false',
  'gc.auto': '0',
  'http.followRedirects': 'false',
  'maintenance.auto': 'false',
  'protocol.version': '2',
};

/** Configuration by variables (git-config(1), "GIT_CONFIG_COUNT"; git 2.31). */
function configVariables(config: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(config);
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(entries.length)],
    ...entries.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]) as Record<string, string>;
}

interface Special {
  readonly env: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
}

async function sshOf(remote: GitRemote, url: URL, folder: string): Promise<Special> {
  const { identity, knownHosts } = remote;
  if (!identity || !knownHosts) {
    const missing = identity ? 'known_hosts' : 'identity';
    throw new Failure('invalid', `ssh to ${url.host} needs the key ${missing} in the Secret`, {
      hint:
        missing === 'identity'
          ? 'put a private key that may read the repository there, without passphrase'
          : `put the host's keys there: ssh-keyscan ${scanArguments(url)}, compared with what the host publishes`,
    });
  }
  if (hasPassphrase(identity)) {
    throw new Failure('invalid', 'the key identity in the Secret is protected by a passphrase', {
      hint: 'make a key without one for this repository alone: ssh-keygen -t ed25519 -N ""',
    });
  }
  const keyFile = join(folder, 'identity');
  const hostsFile = join(folder, 'known_hosts');
  await writeFile(keyFile, `${identity.trimEnd()}\n`, { mode: 0o600 });
  await writeFile(hostsFile, `${knownHosts.trimEnd()}\n`, { mode: 0o600 });
  const options = {
    ...SSH_OPTIONS,
    UserKnownHostsFile: hostsFile,
    IdentityFile: keyFile,
  };
  const words = Object.entries(options).map(([name, value]) => `-o '${name}=${value}'`);
  // git gives this to a shell; the folder's name is ours and has nothing in it that needs a quote.
  const command = ['ssh', '-F', '/dev/null', ...words].join(' ');
  return { env: { GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh' }, config: {} };
}

const scanArguments = ({ hostname, port }: URL): string =>
  port === '' ? hostname : `-p ${port} ${hostname}`;

/** ssh_config(5): the key of the Secret and no other, hosts of the Secret and no others, no questions. */
const SSH_OPTIONS: Readonly<Record<string, string>> = {
  BatchMode: 'yes',
  CheckHostIP: 'no',
  ConnectTimeout: '20',
  ForwardAgent: 'no',
  GlobalKnownHostsFile: '/dev/null',
  IdentitiesOnly: 'yes',
  IdentityAgent: 'none',
  LogLevel: 'ERROR',
  PermitLocalCommand: 'no',
  PreferredAuthentications: 'publickey',
  ServerAliveCountMax: '4',
  ServerAliveInterval: '15',
  StrictHostKeyChecking: 'yes',
  UpdateHostKeys: 'no',
};

async function httpOf(
  remote: GitRemote,
  url: URL,
  folder: string,
  outer: Readonly<Record<string, string | undefined>>,
): Promise<Special> {
  const authorization = authorizationOf(remote);
  const proxy = proxyFor(url, remote.proxy, outer);
  const config: Record<string, string> = {
    'http.lowSpeedLimit': '1',
    'http.lowSpeedTime': '60',
    'http.proxyAuthMethod': 'basic',
    'http.proxy': proxy ? proxyUrlWithCredentials(proxy) : '',
  };
  if (authorization !== undefined) {
    config[`http.${url.origin}/.extraHeader`] = `Authorization: ${authorization}`;
  }
  if (remote.ca === undefined) return { env: {}, config };
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, [...rootCertificates, remote.ca].join('\n'), { mode: 0o600 });
  return { env: {}, config: { ...config, 'http.sslCAInfo': caFile } };
}
