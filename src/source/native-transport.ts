import { Failure } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitLimits } from './git-limits.ts';
import type { GitRemote } from './git-source.ts';
import { nativeEnvironment, type NativeEnvironment } from './native-environment.ts';
import { parseRemoteUrl } from './remote-url.ts';
import { GitExit, runNativeGit } from './run-native-git.ts';
import type { Transport } from './transport.ts';

/** How native git is reached. */
export interface NativeOptions {
  /** Variables of this process: PATH, and those that name proxies. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits: GitLimits;
}

/** The program `git`: for ssh, and for histories that take isomorphic-git too long. */
export function nativeTransport(
  remote: GitRemote,
  { env: outer, limits }: NativeOptions,
  { signal }: Scope,
): Transport {
  const url = parseRemoteUrl(remote.url);
  if (url.protocol === 'ssh:' && url.username === '') url.username = 'git';
  let prepared: Promise<NativeEnvironment> | undefined;
  const git = async (args: readonly string[], cwd?: string): Promise<string> => {
    const { env, folder } = await (prepared ??= nativeEnvironment(remote, url, outer));
    const run = {
      env,
      cwd: cwd ?? folder,
      maxFileBytes: limits.maxPackBytes,
      maxOutputBytes: limits.maxRefsBytes,
    };
    try {
      return await runNativeGit(args, run, signal);
    } catch (thrown) {
      if (!(thrown instanceof GitExit)) throw thrown;
      throw failureOf(thrown.said.replaceAll(folder, '…'), url);
    }
  };
  return {
    url: remote.url,
    listRefs: async (prefixes) => {
      // A pattern that ends like a prefix; HEAD and full names are patterns themselves (git-ls-remote(1)).
      const patterns = prefixes.map((prefix) => (prefix.endsWith('/') ? `${prefix}*` : prefix));
      return parseRefs(await git(['ls-remote', '--', url.href, ...patterns]), url, prefixes);
    },
    download: async (gitDir, { what }) => {
      await git([...FETCH, '--', url.href, what], gitDir);
    },
    close: async () => {
      await (await prepared?.catch(() => undefined))?.remove();
    },
  };
}

const FETCH = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];

function parseRefs(text: string, url: URL, prefixes: readonly string[]): Map<string, string> {
  const refs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, oid = '', ref] = /^([0-9a-f]{40,64})\t(\S+)$/.exec(line) ?? [];
    if (ref === undefined) continue;
    if (oid.length !== 40) {
      throw new Failure(
        'invalid',
        `${url.href} is a SHA-256 repository, which cannot be read yet`,
        {
          hint: 'Keep what describes the cluster in a repository made with --object-format=sha1.',
        },
      );
    }
    // Of an annotated tag the commit comes second, as <name>^{}.
    const name = ref.replace(/\^\{\}$/, '');
    if (prefixes.some((prefix) => name.startsWith(prefix))) refs.set(name, oid);
  }
  return refs;
}

/** What git and ssh say (in English, LC_ALL=C), and what that means here; the first that fits. */
const MEANINGS: readonly (readonly [RegExp, Failure['kind'], string, string?])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for \S+ has changed/,
    'denied',
    'shows another host key than known_hosts of the Secret has',
    'If the host was given a new key on purpose, compare it with what the host publishes and replace known_hosts; otherwise somebody stands in between.',
  ],
  [
    /Host key verification failed|No \S+ host key is known/,
    'denied',
    'shows a host key that known_hosts of the Secret does not have',
    'Compare the output of ssh-keyscan with what the host publishes and put it into known_hosts.',
  ],
  [
    /passphrase|error in libcrypto|invalid format|bad permissions/,
    'denied',
    'cannot be asked: the key in identity of the Secret cannot be used',
    'Put a private key without passphrase there, whole, with its last line end.',
  ],
  [
    /response 407|Proxy Authentication/,
    'denied',
    'cannot be reached: the proxy wants other credentials',
    'Put username and password into the Secret of spec.proxySecretRef, or into the variable https_proxy.',
  ],
  [
    /Permission denied|Authentication failed|could not read Username|error: 40[13]/,
    'denied',
    'does not let these credentials in',
    'Check the Secret of spec.secretRef, and that its key or token may read this repository.',
  ],
  [
    /not our ref|unadvertised object|couldn't find remote ref|no such remote ref/i,
    'missing',
    'does not have what was asked for',
  ],
  [
    /File too large|died of signal (25|31)|out of memory|cannot allocate/i,
    'invalid',
    'has a history too large to read',
    'Take large files out of the history, or keep what describes the cluster in a repository of its own.',
  ],
  [
    /not found|does not appear to be a git repository|does not exist|no such repository/i,
    'missing',
    'has no such repository',
    'Check spec.url. Git hosts also answer like this when a private repository is asked for without the right key or token.',
  ],
];

function failureOf(said: string, url: URL): Failure {
  const found = MEANINGS.find(([pattern]) => pattern.test(said));
  const quote = redactText(said.replace(/[\p{Cc}\s]+/gu, ' ').trim()).slice(0, 300);
  if (!found) return new Failure('unreachable', `${url.href}: ${quote}`);
  const [, kind, meaning, hint] = found;
  return new Failure(kind, `${url.href} ${meaning}: ${quote}`, { hint });
}
