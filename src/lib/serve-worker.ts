import { parentPort } from 'node:worker_threads';

/** Answers the questions of a BoundedWorker; to be called once, in the worker's own file. */
export function serveWorker(answer: (question: never) => unknown): void {
  parentPort?.on('message', (question: unknown) => {
    parentPort?.postMessage(answer(question as never), []);
  });
}
