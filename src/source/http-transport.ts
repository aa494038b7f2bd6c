import { Failure } from '../lib/failure.ts';
import { fetchPack } from './fetch-pack.ts';
import type { GitHttp } from './git-http.ts';
import type { GitLimits } from './git-limits.ts';
import { listRefs } from './list-refs.ts';
import type { Transport } from './transport.ts';

/**
 * Our own ls-refs and isomorphic-git. What it is too slow for, by the number of objects that the
 * server announces (docs/decisions/0013-native-git.md), and single commits that the old protocol does
 * not give out, go to `native`, which is given the address without redirects.
 */
export function httpTransport(
  http: GitHttp,
  limits: GitLimits,
  native: ((url: string) => Transport) | undefined,
): Transport {
  let opened: Transport | undefined;
  const refuseMany = (objects: number): void => {
    if (objects > limits.maxBuiltinObjects && objects <= limits.maxPackObjects) throw new TooMany();
  };
  return {
    get url() {
      return http.url;
    },
    listRefs: (prefixes) => listRefs(http, prefixes, limits),
    download: async (gitDir, wanted) => {
      try {
        await fetchPack(gitDir, wanted, http, { ...limits, onCount: native && refuseMany });
      } catch (thrown) {
        const isCommit = /^[0-9a-f]{40}$/.test(wanted.what);
        const isRefused = thrown instanceof Failure && thrown.kind === 'missing' && isCommit;
        if (!native || (!isRefused && !(thrown instanceof TooMany))) throw thrown;
        opened ??= native(http.url);
        await opened.download(gitDir, wanted);
      }
    },
    close: async () => {
      await opened?.close();
    },
  };
}

/** More objects than isomorphic-git unpacks in reasonable time. */
class TooMany extends Failure {
  constructor() {
    super('invalid', 'the history is too large for isomorphic-git');
  }
}
