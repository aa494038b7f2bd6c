import { parentPort } from 'node:worker_threads';

/** Answers the questions of a BoundedWorker; to be called once, in the worker's own file. */
export function serveWorker<Question, Answer>(answer: (question: Question) => Answer): void {
  parentPort?.on('message', (question: Question) => {
    parentPort?.postMessage(answer(question));
  });
}
