import { expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import { Failure } from '../lib/failure.ts';
import { KubeError } from './kube-client.ts';
import { OutageLog } from './outage-log.ts';

const down = new Failure('unreachable', 'connection refused');

/** Level and message of each line above debug. */
function said(lines: readonly string[]): string[] {
  return lines
    .map((line) => JSON.parse(line) as { level: number; message: string })
    .filter(({ level }) => level > 20)
    .map(({ level, message }) => `${level} ${message}`);
}

test('an outage that six watches notice is one warning, then an error after 10 s and each minute', async () => {
  const scope = testScope();
  const outages = new OutageLog('https://cluster.invalid');
  for (let second = 0; second < 75; second++) {
    for (const resource of ['syncs', 'rollouts', 'instances', 'a', 'b', 'c']) {
      outages.failed({ resource, failures: second, error: down }, scope);
    }
    await scope.clock.advance(1_000);
  }
  outages.recovered('syncs', scope);
  outages.recovered('rollouts', scope);
  expect(said(scope.lines)).toEqual([
    '40 the API server cannot be reached',
    '50 the API server cannot be reached',
    '50 the API server cannot be reached',
    '30 the API server answers again',
  ]);
});

test('a server that comes and goes is warned of at most once a minute', async () => {
  const scope = testScope();
  const outages = new OutageLog('https://cluster.invalid');
  for (let second = 0; second < 60; second++) {
    outages.failed({ resource: 'syncs', failures: 1, error: down }, scope);
    outages.recovered('syncs', scope);
    await scope.clock.advance(1_000);
  }
  expect(said(scope.lines)).toEqual([
    '40 the API server cannot be reached',
    '30 the API server answers again',
  ]);
});

test('a resource that may not be watched is named, with what to do', () => {
  const scope = testScope();
  const outages = new OutageLog('https://cluster.invalid');
  const error = new KubeError(403, 'Forbidden', 'syncs is forbidden');
  outages.failed({ resource: 'syncs', failures: 1, error }, scope);
  expect(said(scope.lines)).toEqual(['40 a resource cannot be watched']);
  expect(scope.lines.at(-1)).toContain('check the token and the role');
});
