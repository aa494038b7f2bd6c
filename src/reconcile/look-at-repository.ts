import type { DesiredCache } from '../desired/desired-cache.ts';
import { Failure } from '../lib/failure.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import type { GitRemote, ReadLimits } from '../source/git-source.ts';
import { readRevision, type RevisionState } from './revision-reader.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { readRemote, type SyncSettings } from './sync-settings.ts';

/** What one ls-refs said. */
export interface Look {
  readonly remote: GitRemote;
  readonly head: string;
  /** Heads of open and closed pull requests by number, where the forge shows them as refs. */
  readonly pulls: ReadonlyMap<number, string>;
}

/**
 * Asks the repository where its branch is: one ls-refs, which also shows whether pull requests moved.
 *
 * @throws {Failure} `missing` for an unknown branch or an empty repository
 */
export async function lookAtRepository(
  settings: SyncSettings,
  context: ReconcileContext,
  scope: Scope,
): Promise<Look> {
  const remote = await readRemote(settings, context.client, scope);
  const { branch } = settings.ref;
  const wantsPulls = settings.forge !== undefined && settings.previews.enabled;
  const prefixes = [`refs/heads/${branch}`, ...(wantsPulls ? ['refs/pull/'] : [])];
  const refs = await withTimeout(settings, scope, (limited) =>
    context.source.listRefs(remote, prefixes, limited),
  );
  const head = refs.get(`refs/heads/${branch}`);
  if (head === undefined) {
    throw new Failure('missing', `${settings.url} has no branch ${branch}`, {
      hint: 'push a first commit to it, or set spec.ref.branch',
    });
  }
  return { remote, head, pulls: pullsOf(refs) };
}

/** Fetches and reads one commit of `ref`. */
export async function readCommitOf(
  look: { readonly remote: GitRemote; readonly oid: string; readonly ref: string },
  settings: SyncSettings & { readonly cache?: DesiredCache; readonly limits?: ReadLimits },
  context: ReconcileContext,
  scope: Scope,
): Promise<RevisionState> {
  return withTimeout(settings, scope, async (limited) => {
    await context.source.fetch(look.remote, look.ref, look.oid, limited);
    return readRevision(context.source, look, settings, limited);
  });
}

function pullsOf(refs: ReadonlyMap<string, string>): ReadonlyMap<number, string> {
  return new Map(
    [...refs].flatMap(([ref, oid]) => {
      const match = /^refs\/pull\/(\d+)\/head$/.exec(ref);
      return match ? [[Number(match[1]), oid] as const] : [];
    }),
  );
}

async function withTimeout<T>(
  { timeoutMs, url }: SyncSettings,
  scope: Scope,
  work: (scope: Scope) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  const abortLate = async (): Promise<void> => {
    await scope.clock.sleep(timeoutMs, AbortSignal.any([scope.signal, done.signal]));
    const hint = 'raise spec.timeout if the repository is that large';
    late.abort(new Failure('timeout', `${url} took longer than ${String(timeoutMs)} ms`, { hint }));
  };
  const timer = abortLate().catch(() => undefined);
  try {
    return await work(withSignal(scope, late.signal));
  } catch (thrown) {
    scope.signal.throwIfAborted();
    late.signal.throwIfAborted();
    throw thrown;
  } finally {
    done.abort();
    await timer;
  }
}
