import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitRemote } from './git-source.ts';
import { openNativeGit, type NativeOptions } from './native-git.ts';
import type { Transport } from './transport.ts';

/** The program `git`: for ssh, and for histories that take isomorphic-git too long. */
export function nativeTransport(
  remote: GitRemote,
  options: NativeOptions,
  scope: Scope,
): Transport {
  const program = openNativeGit(remote, options, scope);
  const { url } = program;
  return {
    url: remote.url,
    listRefs: async (prefixes) => {
      // A pattern that ends like a prefix; HEAD and full names are patterns themselves (git-ls-remote(1)).
      const patterns = prefixes.map((prefix) => (prefix.endsWith('/') ? `${prefix}*` : prefix));
      return parseRefs(
        await program.run(['ls-remote', '--', url.href, ...patterns]),
        url,
        prefixes,
      );
    },
    download: async (gitDir, { what }) => {
      await program.run([...FETCH, '--', url.href, what], gitDir);
    },
    close: () => program.close(),
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
