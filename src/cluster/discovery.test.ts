import { expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import { Discovery, readServedVersions, readServerVersion } from './discovery.ts';
import { KubeError, type KubeClient } from './kube-client.ts';

const ANSWERS: Record<string, unknown> = {
  '/version': { gitVersion: 'v1.36.3', major: '1', minor: '36' },
  '/apis': { groups: [{ name: 'apps', versions: [{ groupVersion: 'apps/v1' }] }] },
  '/api/v1': {
    resources: [
      { name: 'pods', kind: 'Pod', namespaced: true },
      { name: 'pods/status', kind: 'Pod', namespaced: true },
      { name: 'namespaces', kind: 'Namespace', namespaced: false },
    ],
  },
};

function client(asked: string[]): KubeClient {
  const getRaw = async (path: string): Promise<unknown> => {
    asked.push(path);
    const answer = ANSWERS[path];
    if (answer === undefined) throw new KubeError(404, 'NotFound', 'not found');
    return Promise.resolve(answer);
  };
  return { getRaw } as unknown as KubeClient;
}

test('reads the version and the group-versions that are served', async () => {
  const scope = testScope();
  expect(await readServerVersion(client([]), scope)).toBe('v1.36.3');
  expect([...(await readServedVersions(client([]), scope))]).toEqual(['v1', 'apps/v1']);
});

test('finds how a kind is reached, and asks once', async () => {
  const scope = testScope();
  const asked: string[] = [];
  const discovery = new Discovery(client(asked));
  expect(await discovery.find('v1', 'Pod', scope)).toEqual({
    group: '',
    version: 'v1',
    plural: 'pods',
    kind: 'Pod',
    isNamespaced: true,
  });
  expect(await discovery.find('v1', 'Namespace', scope)).toMatchObject({ isNamespaced: false });
  expect(asked).toEqual(['/api/v1']);
});

test('looks again for a kind that was missing, but not at once', async () => {
  const scope = testScope();
  const asked: string[] = [];
  const discovery = new Discovery(client(asked));
  expect(await discovery.find('late.dev/v1', 'Late', scope)).toBeUndefined();
  expect(await discovery.find('late.dev/v1', 'Late', scope)).toBeUndefined();
  await scope.clock.advance(2_000);
  expect(await discovery.find('late.dev/v1', 'Late', scope)).toBeUndefined();
  expect(asked).toEqual(['/apis/late.dev/v1', '/apis/late.dev/v1']);
});
