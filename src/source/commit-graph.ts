import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitLimits } from './git-limits.ts';
import type { ObjectStore } from './object-store.ts';
import { createPacer } from '../lib/pacer.ts';
import { parseCommit, type ParsedCommit } from './parse-commit.ts';

/**
 * Walks over the commits of a mirror. A parent that the mirror does not have ends a walk there (the
 * server itself may be a shallow clone). Throws Failure `invalid` when too many commits are met.
 */
export class CommitGraph {
  readonly #store: ObjectStore;
  readonly #limits: Pick<GitLimits, 'maxCommits'>;
  readonly #pace: () => Promise<void>;
  #met = 0;

  constructor(store: ObjectStore, limits: Pick<GitLimits, 'maxCommits'>, scope: Scope) {
    this.#store = store;
    this.#limits = limits;
    this.#pace = createPacer(scope);
  }

  /** Throws Failure `missing` when there is no such commit, `invalid` when it is broken. */
  read(oid: string): ParsedCommit {
    if (!this.#store.has(oid)) {
      throw new Failure('missing', `commit ${oid} has not been fetched`);
    }
    const commit = parseCommit(oid, this.#store.read(oid, 'commit'));
    if (!commit) throw new Failure('invalid', `commit ${oid} is not readable`);
    return commit;
  }

  async firstParents(
    head: string,
    { until, max }: { readonly until?: string | undefined; readonly max: number },
  ): Promise<ParsedCommit[]> {
    const commits: ParsedCommit[] = [];
    let next: string | undefined = head;
    while (next !== undefined && next !== until && commits.length < max) {
      await this.#step();
      const commit: ParsedCommit = this.read(next);
      commits.push(commit);
      [next] = this.#parentsOf(commit);
    }
    return commits;
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const seen = new Set([descendant]);
    for (const oid of seen) {
      if (oid === ancestor) return true;
      await this.#step();
      for (const parent of this.#parentsOf(this.read(oid))) seen.add(parent);
    }
    return false;
  }

  /**
   * The newest commit reachable from both that no other such commit can reach: paints what each
   * side reaches, newest first, until only ancestors of common commits are left.
   */
  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const colours = new Map<string, number>();
    const queue = new NewestFirst();
    const paint = (oid: string, colour: number): void => {
      const old = colours.get(oid) ?? 0;
      if ((old | colour) === old) return;
      colours.set(oid, old | colour);
      queue.add(this.read(oid));
    };
    paint(a, SIDE_A);
    paint(b, SIDE_B);
    const common: ParsedCommit[] = [];
    while (queue.some(({ oid }) => !((colours.get(oid) ?? 0) & STALE))) {
      await this.#step();
      const commit = queue.take();
      let colour = colours.get(commit.oid) ?? 0;
      if (colour === BOTH) common.push(commit);
      if ((colour & BOTH) === BOTH) colour |= STALE;
      for (const parent of this.#parentsOf(commit)) paint(parent, colour);
    }
    return this.#newestBest(common.filter(({ oid }) => colours.get(oid) === BOTH));
  }

  async #newestBest(common: readonly ParsedCommit[]): Promise<string | undefined> {
    const newestFirst = common.toSorted((x, y) => y.committedSeconds - x.committedSeconds);
    for (const { oid } of newestFirst) {
      const others = newestFirst.filter((other) => other.oid !== oid);
      const reached = await Promise.all(others.map((other) => this.isAncestor(oid, other.oid)));
      if (!reached.includes(true)) return oid;
    }
    return undefined;
  }

  #parentsOf(commit: ParsedCommit): string[] {
    return commit.parents.filter((parent) => this.#store.has(parent));
  }

  async #step(): Promise<void> {
    await this.#pace();
    if (++this.#met > this.#limits.maxCommits) {
      throw new Failure('invalid', `the history has more than ${this.#limits.maxCommits} commits`);
    }
  }
}

const SIDE_A = 1;
const SIDE_B = 2;
const BOTH = SIDE_A | SIDE_B;
const STALE = 4;

/** Commits to look at, the newest by its committer's clock first. */
class NewestFirst {
  readonly #commits: ParsedCommit[] = [];

  add(commit: ParsedCommit): void {
    let at = this.#commits.length;
    while (at > 0 && (this.#commits[at - 1]?.committedSeconds ?? 0) > commit.committedSeconds) at--;
    this.#commits.splice(at, 0, commit);
  }

  some(test: (commit: ParsedCommit) => boolean): boolean {
    return this.#commits.some(test);
  }

  take(): ParsedCommit {
    const commit = this.#commits.pop();
    if (!commit) throw new Error('nothing is left to take');
    return commit;
  }
}
