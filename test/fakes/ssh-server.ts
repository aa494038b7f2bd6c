import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';

/** OpenSSH's own server on loopback, for one user and one key. */
export interface SshServer {
  /** `ssh://user@127.0.0.1:port`. */
  readonly url: string;
  /** A private key that is let in. */
  readonly identity: string;
  /** A private key that is not. */
  readonly strangerIdentity: string;
  /** What a person would have put into known_hosts. */
  readonly knownHosts: string;
  /** Stops, and comes back on the same port with another host key. */
  changeHostKey(): Promise<void>;
  stop(): Promise<void>;
}

/** Where sshd is, or undefined: Debian's package openssh-server brings it. */
export function findSshd(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, 'sshd')).find((file) => existsSync(file));
}

export async function startSshServer(sshd: string): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kudo-gitops-sshd-'));
  const file = (name: string): string => join(folder, name);
  const makeKey = (name: string): string => {
    rmSync(file(name), { force: true });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
    return readFileSync(file(name), 'utf8');
  };
  const port = await freePort();
  makeKey('host');
  const identity = makeKey('mine');
  const strangerIdentity = makeKey('stranger');
  writeFileSync(file('authorized_keys'), readFileSync(file('mine.pub')), { mode: 0o600 });
  writeFileSync(file('sshd_config'), configOf(port, file));
  // Debian's init script makes this folder; without it sshd does not start as root.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const knownHosts = `[127.0.0.1]:${port} ${readFileSync(file('host.pub'), 'utf8')}`;
  let running = await start(sshd, file('sshd_config'));
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    identity,
    strangerIdentity,
    knownHosts,
    changeHostKey: async () => {
      await end(running);
      makeKey('host');
      running = await start(sshd, file('sshd_config'));
    },
    stop: async () => {
      await end(running);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(port: number, file: (name: string) => string): string {
  return [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${file('host')}`,
    `AuthorizedKeysFile ${file('authorized_keys')}`,
    `PidFile ${file('pid')}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'AcceptEnv GIT_PROTOCOL', // as Git hosts do
    'UsePAM no',
    '',
  ].join('\n');
}

async function start(sshd: string, config: string): Promise<ChildProcess> {
  const child = spawn(sshd, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Server listening')) resolve();
    });
    child.once('exit', () => {
      reject(new Error(`sshd ended: ${said}`));
    });
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
