import { Worker } from 'node:worker_threads';
import { Failure, messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { DEFAULT_GIT_LIMITS, type GitLimits } from './git-limits.ts';
import type { GitSource } from './git-source.ts';
import type { MirrorOptions } from './mirror-git-source.ts';
import type {
  GitArguments,
  GitOperation,
  GitResult,
  WorkerAnswer,
  WorkerRequest,
} from './worker-messages.ts';

export interface GitSourceOptions {
  /** Where the mirrors lie: a folder of ours that may be emptied at any time. */
  readonly cacheDir: string;
  /** The built worker, `git.worker.js`. */
  readonly workerFile: string | URL;
  readonly limits?: Partial<GitLimits> | undefined;
  readonly env?: MirrorOptions['env'];
  readonly native?: MirrorOptions['native'];
}

/**
 * Reads Git repositories in a thread of its own, so that the calling thread never blocks. The
 * thread starts with the first call and again after it has died; it does not keep the process
 * alive while nothing is asked of it. A call whose scope stops rejects at once with
 * `signal.reason`.
 */
export function createGitSource(options: GitSourceOptions, scope: Scope): GitSource {
  const thread = new GitThread(options, scope);
  return {
    listRefs: (remote, prefixes, inner) => thread.call('listRefs', inner, remote, prefixes),
    fetch: (remote, ref, oid, inner) => thread.call('fetch', inner, remote, ref, oid),
    readCommit: (remote, oid, inner) => thread.call('readCommit', inner, remote, oid),
    firstParents: (remote, head, range, inner) =>
      thread.call('firstParents', inner, remote, head, range),
    // oxlint-disable-next-line max-params -- the interface's
    readFiles: (remote, oid, paths, limits, inner) =>
      thread.call('readFiles', inner, remote, oid, paths, limits),
    changedPaths: (remote, from, to, inner) => thread.call('changedPaths', inner, remote, from, to),
    mergeBase: (remote, a, b, inner) => thread.call('mergeBase', inner, remote, a, b),
    isAncestor: (remote, a, b, inner) => thread.call('isAncestor', inner, remote, a, b),
    readNotes: (remote, ref, inner) => thread.call('readNotes', inner, remote, ref),
    addNoteLines: (remote, ref, lines, inner) =>
      thread.call('addNoteLines', inner, remote, ref, lines),
    close: () => thread.close(),
  };
}

interface Call {
  readonly worker: Worker;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

class GitThread {
  readonly #options: GitSourceOptions;
  readonly #scope: Scope;
  readonly #calls = new Map<number, Call>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(options: GitSourceOptions, scope: Scope) {
    this.#options = options;
    this.#scope = scope;
  }

  async call<O extends GitOperation>(
    operation: O,
    { signal }: Scope,
    ...args: GitArguments<O>
  ): Promise<GitResult<O>> {
    signal.throwIfAborted();
    const id = ++this.#lastId;
    const worker = (this.#worker ??= this.#start());
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#calls.set(id, { worker, resolve, reject });
    });
    const onAbort = (): void => {
      this.#calls.get(id)?.reject(signal.reason);
      worker.postMessage({ cancel: id } satisfies WorkerRequest, []);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    worker.ref();
    worker.postMessage({ id, operation, args } satisfies WorkerRequest, []);
    try {
      return (await answer) as GitResult<O>;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#calls.delete(id);
      if (this.#calls.size === 0) worker.unref();
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const { cacheDir, workerFile, limits, env, native } = this.#options;
    const data: MirrorOptions = {
      cacheDir,
      limits: { ...DEFAULT_GIT_LIMITS, ...limits },
      env: { ...env },
      native,
    };
    const worker = new Worker(workerFile, {
      workerData: data,
      resourceLimits: {
        maxOldGenerationSizeMb: MAX_HEAP_MB,
        maxYoungGenerationSizeMb: MAX_YOUNG_MB,
      },
    });
    worker.on('message', (answer: WorkerAnswer) => {
      this.#receive(answer);
    });
    worker.on('error', (thrown) => {
      this.#scope.log.error('the Git worker died', { error: thrown });
      this.#failAll(worker, messageOf(thrown));
    });
    worker.on('exit', () => {
      this.#failAll(worker, 'it was ended');
    });
    return worker;
  }

  #receive(answer: WorkerAnswer): void {
    if ('level' in answer) {
      this.#scope.log[answer.level](answer.message, answer.fields);
      return;
    }
    const call = this.#calls.get(answer.id);
    if ('value' in answer) call?.resolve(answer.value);
    else if ('bug' in answer) call?.reject(answer.bug);
    else call?.reject(new Failure(answer.failure.kind, answer.failure.message, answer.failure));
  }

  #failAll(worker: Worker, why: string): void {
    if (this.#worker === worker) this.#worker = undefined;
    const failure = new Failure('unreachable', `the thread that reads Git stopped: ${why}`);
    for (const call of this.#calls.values()) if (call.worker === worker) call.reject(failure);
  }
}

const MAX_HEAP_MB = 1024;
/** What is read is handed on at once; Node's 48 MB would stay resident. */
const MAX_YOUNG_MB = 6;
