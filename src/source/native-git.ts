import { Failure } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitLimits } from './git-limits.ts';
import type { GitRemote } from './git-source.ts';
import { nativeEnvironment, type NativeEnvironment } from './native-environment.ts';
import { parseRemoteUrl } from './remote-url.ts';
import { GitExit, runNativeGit } from './run-native-git.ts';

/** How native git is reached. */
export interface NativeOptions {
  /** Variables of this process: PATH, and those that name proxies. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits: GitLimits;
}

/** The program `git`, set up for one remote. */
export interface NativeGit {
  /** What git is to be told as the address. */
  readonly url: URL;
  /**
   * What git printed, run in `cwd` or else in a folder without a repository.
   *
   * @throws {Failure} what git's and ssh's own words mean
   */
  run(args: readonly string[], cwd?: string): Promise<string>;
  /** Removes keys and certificates. */
  close(): Promise<void>;
}

/** Nothing is prepared before the first run. */
export function openNativeGit(
  remote: GitRemote,
  { env: outer, limits }: NativeOptions,
  { signal }: Scope,
): NativeGit {
  const url = parseRemoteUrl(remote.url);
  if (url.protocol === 'ssh:' && url.username === '') url.username = 'git';
  let prepared: Promise<NativeEnvironment> | undefined;
  return {
    url,
    run: async (args, cwd) => {
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
    },
    close: async () => {
      await (await prepared?.catch(() => undefined))?.remove();
    },
  };
}

/** What git and ssh say (in English, LC_ALL=C), and what that means here; the first that fits. */
const MEANINGS: readonly (readonly [RegExp, Failure['kind'], string, string?])[] = [
  [
    /\[rejected\]|cannot lock ref|failed to update ref|incorrect old value/,
    'conflict',
    'was pushed to by somebody else at the same time',
  ],
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
    /remote rejected|write access|insufficient permission|as read only|not allowed to push/i,
    'denied',
    'takes no such push',
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
