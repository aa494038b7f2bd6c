import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Failure, messageOf } from './failure.ts';
import type { Scope } from './scope.ts';

/** What a worker may use. */
export interface WorkerBounds {
  /** For one answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly maxHeapMb: number;
}

/**
 * A thread that answers one question at a time within bounds. One that takes too long or too much
 * memory is ended, and the next question starts another. It does not keep the process alive while
 * nothing is asked.
 */
export class BoundedWorker<Question, Answer> {
  readonly #file: string | URL;
  readonly #bounds: WorkerBounds;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** `file` is a built worker that calls `serveWorker`. */
  constructor(file: string | URL, bounds: WorkerBounds) {
    this.#file = file;
    this.#bounds = bounds;
  }

  /**
   * The worker's answer. Rejects with a Failure of kind `timeout` when it takes too long, `invalid` when
   * it dies of the question, and with `signal.reason` when the scope stops.
   */
  async ask(question: Question, scope: Scope): Promise<Answer> {
    const turn = this.#last.then(async () => this.#askNow(question, scope));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #askNow(question: Question, scope: Scope): Promise<Answer> {
    scope.signal.throwIfAborted();
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    const settled = new AbortController();
    const signal = AbortSignal.any([scope.signal, settled.signal]);
    try {
      const answer = Promise.race([
        answerOf(worker, signal),
        endOf(worker, signal),
        this.#tooLate(scope, signal),
      ]);
      worker.postMessage(question, []);
      return (await answer) as Answer;
    } catch (thrown) {
      await this.close();
      scope.signal.throwIfAborted();
      throw thrown;
    } finally {
      settled.abort();
      worker.unref();
    }
  }

  async #tooLate(scope: Scope, signal: AbortSignal): Promise<never> {
    const { timeoutMs } = this.#bounds;
    await scope.clock.sleep(timeoutMs, signal);
    throw new Failure('timeout', `no answer after ${timeoutMs} ms`);
  }

  #start(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: this.#bounds.maxHeapMb };
    return new Worker(this.#file, { resourceLimits });
  }
}

async function answerOf(worker: Worker, signal: AbortSignal): Promise<unknown> {
  try {
    const [message] = (await once(worker, 'message', { signal })) as unknown[];
    return message;
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    throw new Failure('invalid', `the worker died: ${messageOf(thrown)}`, { cause: thrown });
  }
}

async function endOf(worker: Worker, signal: AbortSignal): Promise<never> {
  await once(worker, 'exit', { signal });
  throw new Failure('invalid', 'the worker ended without an answer');
}
