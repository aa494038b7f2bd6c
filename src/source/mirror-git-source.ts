import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '../lib/failure.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { CommitGraph } from './commit-graph.ts';
import { diffTrees } from './diff-trees.ts';
import { GitAgents } from './git-agents.ts';
import type { GitCommit, GitNoteLine, GitRemote, GitSource } from './git-source.ts';
import { ObjectTooLarge } from './git-object.ts';
import { Mirror } from './mirror.ts';
import type { ObjectStore } from './object-store.ts';
import { openTransport, type TransportOptions } from './open-transport.ts';
import { addNoteLines, readNotes } from './notes-repository.ts';
import type { ParsedCommit } from './parse-commit.ts';
import { readTreeFiles } from './read-tree-files.ts';
import { parseRemoteUrl } from './remote-url.ts';
import type { Transport } from './transport.ts';

export interface MirrorOptions extends TransportOptions {
  /** Where the mirrors lie; made when it is not there. */
  readonly cacheDir: string;
}

/**
 * A GitSource that works in the calling thread, which it blocks while it unpacks: for the worker.
 * Operations on one repository run one after the other. A mirror is read only with credentials
 * that the server itself has accepted since the process started.
 */
export function createMirrorGitSource(options: MirrorOptions): GitSource {
  return new MirrorGitSource(options);
}

class MirrorGitSource implements GitSource {
  readonly #options: MirrorOptions;
  readonly #agents: GitAgents;
  readonly #mirrors = new Map<string, { mirror: Mirror; busy: Promise<unknown> }>();
  readonly #accepted = new Set<string>();

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#agents = new GitAgents(options.env);
  }

  async listRefs(
    remote: GitRemote,
    prefixes: readonly string[],
    scope: Scope,
  ): Promise<ReadonlyMap<string, string>> {
    return this.#online(remote, scope, (transport) => this.#listRefs(remote, transport, prefixes));
  }

  async fetch(
    remote: GitRemote,
    ref: string | undefined,
    oid: string,
    scope: Scope,
  ): Promise<void> {
    if (ref !== undefined) checkRefName(ref);
    checkOid(oid);
    await this.#exclusive(remote, scope, async (mirror) => {
      await this.#online(remote, scope, async (transport, inTime) => {
        if (!this.#accepted.has(keyOf(remote))) {
          await this.#listRefs(remote, transport, [ref ?? 'HEAD']);
        }
        await mirror.fetch({ ref, oid, transport }, inTime);
      });
    });
  }

  async readCommit(remote: GitRemote, oid: string, scope: Scope): Promise<GitCommit> {
    return this.#offline(remote, [oid], scope, ({ graph }) => toCommit(graph.read(oid)));
  }

  async firstParents(
    remote: GitRemote,
    head: string,
    options: { readonly until?: string | undefined; readonly max: number },
    scope: Scope,
  ): Promise<readonly GitCommit[]> {
    const commits = await this.#offline(remote, [head], scope, ({ graph }) =>
      graph.firstParents(head, options),
    );
    return commits.map((commit) => toCommit(commit));
  }

  // oxlint-disable-next-line max-params -- the interface's
  async readFiles(
    remote: GitRemote,
    oid: string,
    paths: readonly string[],
    limits: Parameters<GitSource['readFiles']>[3],
    scope: Scope,
  ): ReturnType<GitSource['readFiles']> {
    const request = { paths, limits: { ...this.#options.limits, ...limits } };
    return this.#offline(remote, [oid], scope, ({ store, graph }) =>
      readTreeFiles(store, graph.read(oid).tree, request, scope),
    );
  }

  async changedPaths(
    remote: GitRemote,
    from: string | undefined,
    to: string,
    scope: Scope,
  ): Promise<readonly string[]> {
    const oids = from === undefined ? [to] : [from, to];
    return this.#offline(remote, oids, scope, ({ store, graph }) => {
      const before = from === undefined ? undefined : graph.read(from).tree;
      return diffTrees(store, [before, graph.read(to).tree], this.#options.limits, scope);
    });
  }

  async mergeBase(
    remote: GitRemote,
    a: string,
    b: string,
    scope: Scope,
  ): Promise<string | undefined> {
    return this.#offline(remote, [a, b], scope, ({ graph }) => graph.mergeBase(a, b));
  }

  async isAncestor(
    remote: GitRemote,
    ancestor: string,
    descendant: string,
    scope: Scope,
  ): Promise<boolean> {
    checkOid(ancestor);
    return this.#offline(remote, [descendant], scope, ({ graph }) =>
      graph.isAncestor(ancestor, descendant),
    );
  }

  async readNotes(
    remote: GitRemote,
    ref: string,
    scope: Scope,
  ): Promise<ReadonlyMap<string, string>> {
    checkRefName(ref);
    return this.#online(remote, scope, (transport, inTime) =>
      readNotes({ remote, ref, transport, options: this.#options }, inTime),
    );
  }

  async addNoteLines(
    remote: GitRemote,
    ref: string,
    lines: readonly GitNoteLine[],
    scope: Scope,
  ): Promise<void> {
    checkRefName(ref);
    for (const { commit } of lines) checkOid(commit);
    await this.#online(remote, scope, (transport, inTime) =>
      addNoteLines({ remote, ref, transport, options: this.#options }, lines, inTime),
    );
  }

  close(): Promise<void> {
    this.#agents.close();
    return Promise.resolve();
  }

  async #listRefs(
    remote: GitRemote,
    transport: Transport,
    prefixes: readonly string[],
  ): Promise<Map<string, string>> {
    const key = keyOf(remote);
    try {
      const refs = await transport.listRefs(prefixes);
      this.#accepted.add(key);
      return refs;
    } catch (thrown) {
      const isRefused = thrown instanceof Failure && /^(denied|missing)$/.test(thrown.kind);
      if (isRefused) this.#accepted.delete(key);
      throw thrown;
    }
  }

  /** Runs `work` with a connection and stops it after `timeoutMs`. */
  async #online<T>(
    remote: GitRemote,
    scope: Scope,
    work: (transport: Transport, scope: Scope) => Promise<T>,
  ): Promise<T> {
    const { limits } = this.#options;
    const controller = new AbortController();
    const inTime = withSignal(scope, controller.signal);
    const timeout = new Failure(
      'timeout',
      `the Git server of ${parseRemoteUrl(remote.url).host} took longer than ${limits.timeoutMs / 1000} s`,
    );
    const alarm = async (): Promise<void> => {
      await scope.clock.sleep(limits.timeoutMs, inTime.signal);
      controller.abort(timeout);
    };
    alarm().catch(() => undefined);
    let transport: Transport | undefined;
    try {
      transport = openTransport(remote, this.#options, this.#agents, inTime);
      return await work(transport, inTime);
    } finally {
      controller.abort();
      await transport?.close();
    }
  }

  /** Reads from the mirror, without any request. */
  async #offline<T>(
    remote: GitRemote,
    oids: readonly string[],
    scope: Scope,
    read: (from: { store: ObjectStore; graph: CommitGraph }) => T | Promise<T>,
  ): Promise<T> {
    for (const oid of oids) checkOid(oid);
    return this.#exclusive(remote, scope, async (mirror) => {
      const store = this.#accepted.has(keyOf(remote)) ? await mirror.open(scope) : undefined;
      if (!store) throw notFetched(oids);
      try {
        return await read({ store, graph: new CommitGraph(store, this.#options.limits, scope) });
      } catch (thrown) {
        if (thrown instanceof ObjectTooLarge) {
          throw new Failure('invalid', `a commit or folder is too large: ${thrown.message}`);
        }
        await mirror.dropIfDamaged(thrown, scope);
        throw notFetched(oids, thrown);
      }
    });
  }

  async #exclusive<T>(
    remote: GitRemote,
    scope: Scope,
    work: (mirror: Mirror) => Promise<T>,
  ): Promise<T> {
    const name = sha256(parseRemoteUrl(remote.url).href);
    const entry = this.#mirrors.get(name) ?? {
      mirror: new Mirror(join(this.#options.cacheDir, name), this.#options.limits),
      busy: Promise.resolve(),
    };
    this.#mirrors.set(name, entry);
    const turn = entry.busy.then(async () => {
      scope.signal.throwIfAborted();
      return work(entry.mirror);
    });
    entry.busy = turn.catch(() => undefined);
    return turn;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const keyOf = ({ url, username, password, bearerToken, identity }: GitRemote): string =>
  sha256(JSON.stringify([url, username, password, bearerToken, identity]));

function toCommit({ oid, parents, author, committedAt, subject }: ParsedCommit): GitCommit {
  return { oid, parents, author, committedAt, subject };
}

function checkOid(oid: string): void {
  if (/^[0-9a-f]{40}$/.test(oid)) return;
  throw new Failure('invalid', `${JSON.stringify(oid.slice(0, 80))} is not a commit id`, {
    hint: 'Write all 40 hexadecimal digits, in lower case.',
  });
}

/** The rules of git check-ref-format for a full ref name. */
function checkRefName(ref: string): void {
  const isName =
    ref.startsWith('refs/') &&
    ref.length <= 500 &&
    !/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|[./]$/u.test(ref);
  if (!isName) {
    throw new Failure('invalid', `${JSON.stringify(ref.slice(0, 80))} is not a full ref name`);
  }
}

function notFetched(oids: readonly string[], cause?: unknown): Failure {
  return new Failure('missing', `commit ${oids.join(', ')} has not been fetched`, {
    cause,
    hint: 'The local copy of the repository is made again at the next fetch.',
  });
}
