import type { DesiredCache } from '../desired/desired-cache.ts';
import { Failure } from '../lib/failure.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import { FORGES } from '../forge/forge-registry.ts';
import type { PullRefs } from '../forge/forge-kind.ts';
import type { GitRemote, GitSource, ReadLimits } from '../source/git-source.ts';
import {
  chooseRef,
  describeRef,
  followedRef,
  refPrefixes,
  type ChosenRef,
} from '../model/git-ref.ts';
import { readRevision, type LoadPackages, type RevisionState } from './revision-reader.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { readRemote, type SyncSettings } from './sync-settings.ts';

/** What one ls-refs said. */
export interface Look {
  readonly remote: GitRemote;
  readonly head: ChosenRef;
  /** Heads of open and closed pull requests by ref; all branches where the forge shows no such refs. */
  readonly pulls: ReadonlyMap<string, string>;
}

/**
 * Asks the repository where its ref is: one ls-refs, which also shows whether pull requests moved.
 *
 * @throws {Failure} `missing` for an unknown ref or an empty repository
 */
export async function lookAtRepository(
  settings: SyncSettings,
  context: ReconcileContext,
  scope: Scope,
): Promise<Look> {
  const remote = await readRemote(settings, context.client, scope);
  const followed = followedRef(settings.ref);
  const { forge, previews } = settings;
  const wantsPulls = previews.enabled && followed.kind === 'branch';
  const pulls = wantsPulls && forge ? (FORGES[forge.type].pullRefs ?? BRANCHES) : undefined;
  const prefixes = [...refPrefixes(followed), ...(pulls ? [pulls.prefix] : [])];
  const refs = await inTime(settings, scope, (limited) =>
    context.source.listRefs(remote, prefixes, limited),
  );
  return { remote, head: headOf(settings, refs), pulls: pulls ? matching(refs, pulls) : new Map() };
}

/** @throws {Failure} `missing` when the refs have nothing that `spec.ref` means */
export function headOf(
  { url, ref }: Pick<SyncSettings, 'url' | 'ref'>,
  refs: ReadonlyMap<string, string>,
): ChosenRef {
  const followed = followedRef(ref);
  const head = chooseRef(followed, refs);
  if (head) return head;
  const isBranch = followed.kind === 'branch' || followed.kind === 'commit';
  throw new Failure('missing', `${url} has no ${describeRef(followed)}`, {
    hint: isBranch
      ? 'push a first commit to it, or set spec.ref.branch'
      : `push such a tag, or mend spec.ref.${followed.kind}`,
  });
}

/**
 * Makes the chosen commit available.
 *
 * @throws {Failure} `missing` when it is gone, or not on the branch that it must be on
 */
export async function fetchHead(
  { remote, head }: Pick<Look, 'remote' | 'head'>,
  source: GitSource,
  scope: Scope,
): Promise<void> {
  const { ref, oid, branchHead } = head;
  await source.fetch(remote, ref, branchHead ?? oid, scope);
  if (branchHead === undefined || (await source.isAncestor(remote, oid, branchHead, scope))) return;
  throw new Failure('missing', `commit ${oid} is not on ${ref ?? 'the branch'} of ${remote.url}`, {
    hint: 'mend spec.ref.commit, or leave out spec.ref.branch to take the commit wherever it is',
  });
}

/** Fetches and reads one commit. */
export async function readCommitOf(
  look: Pick<Look, 'remote' | 'head'>,
  settings: SyncSettings & {
    readonly cache?: DesiredCache;
    readonly limits?: ReadLimits;
    /** False for what anybody may propose. */
    readonly mayFetch?: boolean;
  },
  context: ReconcileContext,
  scope: Scope,
): Promise<RevisionState> {
  return inTime(settings, scope, async (limited) => {
    await fetchHead(look, context.source, limited);
    const at = { remote: look.remote, oid: look.head.oid, ref: look.head.ref };
    const wish = {
      remote: look.remote,
      mayFetch: settings.mayFetch ?? true,
      // What does not come in time must not make the look itself come to nothing.
      timeoutMs: settings.timeoutMs / 2,
    };
    const packages: LoadPackages = (pinned, inner) => context.packages.loadAll(pinned, wish, inner);
    return readRevision(context.source, at, { ...settings, packages }, limited);
  });
}

/** A pull request moves with the branch that it comes from. */
const BRANCHES: PullRefs = { prefix: 'refs/heads/', suffix: '' };

function matching(
  refs: ReadonlyMap<string, string>,
  { prefix, suffix }: PullRefs,
): ReadonlyMap<string, string> {
  return new Map([...refs].filter(([ref]) => ref.startsWith(prefix) && ref.endsWith(suffix)));
}

/** All that one look or one reading of a commit does has `spec.timeout`. */
function inTime<T>(
  { timeoutMs, url }: SyncSettings,
  scope: Scope,
  work: (scope: Scope) => Promise<T>,
): Promise<T> {
  const message = `${url} took longer than ${String(timeoutMs)} ms`;
  const hint = 'raise spec.timeout if the repository is that large';
  const limit = { ms: timeoutMs, message, hint };
  return withDeadline(limit, (signal) => work(withSignal(scope, signal)), scope);
}
