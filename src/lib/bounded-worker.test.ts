import { afterEach, expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import { BoundedWorker } from './bounded-worker.ts';

const CODE = `import { parentPort } from 'node:worker_threads';
parentPort.on('message', (question) => {
  if (question === 'hang') for (;;);
  if (question === 'die') process.exit(1);
  if (question === 'throw') throw new Error('bad question');
  parentPort.postMessage('answer to ' + question);
});`;

const worker = new BoundedWorker<string, string>(
  new URL(`data:text/javascript,${encodeURIComponent(CODE)}`),
  { timeoutMs: 1_000, maxHeapMb: 64 },
);
afterEach(async () => worker.close());

test('questions are answered one after the other, in order', async () => {
  const scope = testScope();
  const answers = await Promise.all([worker.ask('a', scope), worker.ask('b', scope)]);
  expect(answers).toEqual(['answer to a', 'answer to b']);
});

test('a question that takes too long fails, and the next one is answered', async () => {
  const scope = testScope();
  const outcome = worker.ask('hang', scope).catch((thrown: unknown) => thrown);
  await scope.clock.advance(0);
  await scope.clock.advance(1_000);
  expect(await outcome).toMatchObject({ kind: 'timeout' });
  await expect(worker.ask('a', scope)).resolves.toBe('answer to a');
});

test.each(['die', 'throw'])(
  'a question of which the worker must %s fails, and the next one is answered',
  async (question) => {
    const scope = testScope();
    await expect(worker.ask(question, scope)).rejects.toMatchObject({ kind: 'invalid' });
    await expect(worker.ask('a', scope)).resolves.toBe('answer to a');
  },
);

test('nothing is asked once the scope has stopped', async () => {
  const scope = testScope();
  scope.stop();
  await expect(worker.ask('a', scope)).rejects.toBe(scope.signal.reason);
});
