import {
  sourceId,
  type PackageLoad,
  type PackageSource,
  type PinnedSource,
} from '../desired/package-pin.ts';
import { Failure } from '../lib/failure.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import type { GitRemote } from '../source/git-source.ts';
import { loadFromGit } from './load-from-git.ts';
import { loadTarball, type PackagePlaces } from './load-tarball.ts';

/** On whose behalf packages are loaded. */
export interface LoadFor {
  /** The repository that names them; its credentials are used on its own host only, its certificates and proxy for all. */
  readonly remote?: GitRemote | undefined;
  /** False for what anybody may propose: then only packages that are known already are given. */
  readonly mayFetch: boolean;
  /** For all of them together. */
  readonly timeoutMs: number;
}

/** Most packages of one revision that live elsewhere. */
const MAX_SOURCES = 100;
const AT_ONCE = 4;
const MAX_REMEMBERED = 200;

/** Loads the packages that Packages name, and remembers them: what is pinned never changes. */
export class PackageLoader {
  readonly #places: PackagePlaces;
  readonly #known = new Map<string, PackageLoad>();

  constructor(places: PackagePlaces) {
    this.#places = places;
  }

  /** By `sourceId`. What cannot be loaded is said, not thrown; it stops no other. */
  async loadAll(
    pinned: readonly PinnedSource[],
    wish: LoadFor,
    scope: Scope,
  ): Promise<ReadonlyMap<string, PackageLoad>> {
    const sources = new Map(pinned.map(({ source }) => [sourceId(source), source]));
    const open = [...sources].slice(0, MAX_SOURCES);
    const loads = new Map<string, PackageLoad>();
    for (const [id] of [...sources].slice(MAX_SOURCES)) loads.set(id, TOO_MANY);
    const until = scope.clock.now() + wish.timeoutMs;
    const work = async (): Promise<void> => {
      for (let next = open.shift(); next; next = open.shift()) {
        const timeoutMs = Math.max(1, until - scope.clock.now());
        // oxlint-disable-next-line no-await-in-loop -- as many at once as there are workers
        loads.set(next[0], await this.#load(next, { ...wish, timeoutMs }, scope));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return loads;
  }

  async #load(
    [id, source]: readonly [string, PackageSource],
    wish: LoadFor,
    scope: Scope,
  ): Promise<PackageLoad> {
    const known = this.#known.get(id);
    if (known) return known;
    if (!wish.mayFetch) return FOR_OTHERS;
    try {
      const limit = { ms: wish.timeoutMs, message: 'loading packages took too long' };
      const load = await withDeadline(
        limit,
        (signal) => this.#fetch(source, wish, withSignal(scope, signal)),
        scope,
      );
      this.#remember(id, load);
      return load;
    } catch (thrown) {
      scope.signal.throwIfAborted();
      if (!(thrown instanceof Failure)) throw thrown;
      scope.log.warn('package not loaded', { package: id, error: thrown });
      const mayPass = thrown.kind === 'unreachable' || thrown.kind === 'timeout';
      return { kind: 'failed', message: thrown.message, hint: thrown.hint, mayPass };
    }
  }

  #fetch(source: PackageSource, wish: LoadFor, scope: Scope): Promise<PackageLoad> {
    if (source.kind === 'git') return loadFromGit(source, this.#places, wish, scope);
    const { ca, proxy } = wish.remote ?? {};
    return loadTarball(source, { ...this.#places, ca, proxy }, scope);
  }

  #remember(id: string, load: PackageLoad): void {
    this.#known.set(id, load);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > MAX_REMEMBERED) this.#known.delete(oldest);
  }
}

const TOO_MANY: PackageLoad = {
  kind: 'failed',
  message: `the revision names more than ${MAX_SOURCES} packages that live elsewhere`,
  mayPass: false,
};

const FOR_OTHERS: PackageLoad = {
  kind: 'not-tried',
  why: 'nothing is fetched for a pull request from another repository',
};
