import { expect, test, vi } from 'vitest';
import { CONFIG_MAPS, INSTANCES, pathOf } from '../../src/cluster/resources.ts';
import { answer, answerStatus, firstTimes } from '../fakes/fake-api-server.ts';
import { freshApiServers } from '../fakes/fresh-api-server.ts';
import { liveScope, testScope } from '../fakes/scope.ts';

const here = freshApiServers();

const always = (): boolean => true;
const PATH = pathOf(CONFIG_MAPS, 'ns/a');

test('a thousand calls share few connections', async () => {
  const client = await here.connect();
  here.server.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'ns' },
  });
  for (let nth = 0; nth < 500; nth++) await client.get(PATH, here.scope);
  expect(here.server.connections).toBe(1);
  for (let batch = 0; batch < 10; batch++) {
    await Promise.all(Array.from({ length: 50 }, () => client.get(PATH, here.scope)));
  }
  expect(here.server.requests).toHaveLength(1_000);
  expect(here.server.connections).toBeLessThanOrEqual(32);
});

test('open watches do not take the connections of calls', async () => {
  const client = await here.connect();
  const stop = liveScope();
  const watches = Array.from({ length: 40 }, async () => {
    for await (const event of client.watch(CONFIG_MAPS, { resourceVersion: '100' }, stop)) {
      expect(event.type).toBe('BOOKMARK');
    }
  });
  await vi.waitFor(() => {
    expect(here.server.count('watch')).toBe(40);
  });
  expect(await client.list(CONFIG_MAPS, {}, here.scope)).toMatchObject({ items: [] });
  stop.stop();
  await Promise.allSettled(watches);
});

test('sends each kind of write as the API server wants it', async () => {
  const client = await here.connect();
  const instances = { ...INSTANCES, namespace: 'ns' };
  const one = { ...instances, name: 'db' };
  const object = { kind: 'Instance', metadata: { name: 'db' } };
  const merge = {
    metadata: { uid: 'u1', resourceVersion: '7' },
    spec: { parameters: { X: null } },
  };
  const json = [{ op: 'test', path: '/metadata/uid', value: 'u1' }];
  await client.create(instances, object, { fieldManager: 'kudo-gitops', dryRun: true }, here.scope);
  await client.replace(one, object, {}, here.scope);
  await client.patch(one, { type: 'merge', body: merge, fieldManager: 'kudo-gitops' }, here.scope);
  await client.patch({ ...one, subresource: 'status' }, { type: 'json', body: json }, here.scope);
  await client.delete(one, { uid: 'u1', resourceVersion: '7' }, here.scope);

  expect(
    here.server.requests.map(({ method, path: at, query, headers, body }) => ({
      what: `${method} ${at}?${query.toString()}`,
      type: headers['content-type'],
      body: JSON.parse(body) as unknown,
    })),
  ).toEqual([
    {
      what: 'POST /apis/kudo.dev/v1beta1/namespaces/ns/instances?fieldManager=kudo-gitops&dryRun=All',
      type: 'application/json',
      body: object,
    },
    {
      what: 'PUT /apis/kudo.dev/v1beta1/namespaces/ns/instances/db?',
      type: 'application/json',
      body: object,
    },
    {
      what: 'PATCH /apis/kudo.dev/v1beta1/namespaces/ns/instances/db?fieldManager=kudo-gitops',
      type: 'application/merge-patch+json',
      body: merge,
    },
    {
      what: 'PATCH /apis/kudo.dev/v1beta1/namespaces/ns/instances/db/status?',
      type: 'application/json-patch+json',
      body: json,
    },
    {
      what: 'DELETE /apis/kudo.dev/v1beta1/namespaces/ns/instances/db?',
      type: 'application/json',
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: 'u1', resourceVersion: '7' },
      },
    },
  ]);
  expect(here.server.requests[0]?.headers['user-agent']).toBe('kudo-gitops/test');
});

test('a refusal says what the server said', async () => {
  const client = await here.connect();
  here.server.faults.push(
    firstTimes(1, always, (response) => {
      answer(response, 403, {
        kind: 'Status',
        code: 403,
        reason: 'failed to update Instance ns/db: plan deploy is running',
        message: 'admission webhook denied the request',
      });
    }),
  );
  await expect(client.create(CONFIG_MAPS, {}, {}, here.scope)).rejects.toMatchObject({
    name: 'KubeError',
    kind: 'denied',
    code: 403,
    reason: 'failed to update Instance ns/db: plan deploy is running',
    message: 'admission webhook denied the request',
  });
});

test('a refusal by a proxy names the request and shows the beginning of its page', async () => {
  const client = await here.connect();
  here.server.faults.push((_, response) => {
    response.writeHead(502, { 'retry-after': '7' }).end('<html>\n bad gateway </html>');
    return true;
  });
  await expect(client.create(CONFIG_MAPS, {}, {}, here.scope)).rejects.toMatchObject({
    kind: 'unreachable',
    code: 502,
    retryAfterMs: 7_000,
    message: 'POST /api/v1/configmaps was answered with HTTP 502: <html> bad gateway </html>',
  });
});

test('a read waits as long as the server asks and comes back; a write does not', async () => {
  const client = await here.connect();
  const busy = (response: Parameters<Parameters<typeof firstTimes>[2]>[0]): void => {
    response.setHeader('retry-after', '5');
    answerStatus(response, 429, 'TooManyRequests');
  };
  here.server.faults.push(firstTimes(1, always, busy));
  const fake = testScope();
  const reading = client.list(CONFIG_MAPS, {}, fake);
  await vi.waitFor(() => {
    expect(here.server.requests).toHaveLength(1);
  });
  await here.scope.clock.sleep(50, here.scope.signal);
  expect(here.server.requests).toHaveLength(1);
  await fake.clock.advance(5_000);
  expect(await reading).toMatchObject({ items: [] });

  here.server.faults.push(firstTimes(1, always, busy));
  await expect(client.create(CONFIG_MAPS, {}, {}, fake)).rejects.toMatchObject({
    code: 429,
    retryAfterMs: 5_000,
  });
});

test('a call that is not answered ends after its timeout, and the watch whose head never comes too', async () => {
  const client = await here.connect({ requestTimeoutMs: 20_000 });
  here.server.faults.push(always);
  const fake = testScope();
  const call = client.get(PATH, fake).catch((thrown: unknown) => thrown);
  const watch = (async (): Promise<unknown> => {
    for await (const event of client.watch(CONFIG_MAPS, {}, fake)) return event;
    return 'ended';
  })().catch((thrown: unknown) => thrown);
  await vi.waitFor(() => {
    expect(here.server.requests).toHaveLength(2);
  });
  await fake.clock.advance(20_000);
  expect(await call).toMatchObject({
    kind: 'timeout',
    message: `the Kubernetes API server ${here.server.url} did not answer GET /api/v1/namespaces/ns/configmaps/a within 20 s`,
  });
  expect(await watch).toMatchObject({ kind: 'timeout' });
});

test('stopping ends a call with the reason of the stop', async () => {
  const client = await here.connect();
  here.server.faults.push(always);
  const stopping = liveScope();
  const call = client.get(PATH, stopping).catch((thrown: unknown) => thrown);
  await vi.waitFor(() => {
    expect(here.server.requests).toHaveLength(1);
  });
  stopping.stop();
  expect(await call).toBe(stopping.signal.reason);
});

test('an answer that is too large is cut off', async () => {
  const client = await here.connect({ maxBodyBytes: 1_000 });
  here.server.faults.push((_, response) => {
    answer(response, 200, { text: 'x'.repeat(5_000) });
    return true;
  });
  await expect(client.get(PATH, here.scope)).rejects.toThrow(
    'the answer to GET /api/v1/namespaces/ns/configmaps/a exceeds 1000 bytes',
  );
});

test('a server that is not there is a failure that says where it was looked for', async () => {
  const client = await here.connect();
  await here.server.stop();
  await expect(client.get(PATH, here.scope)).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringMatching(/cannot reach .*127\.0\.0\.1:\d+: .*ECONNREFUSED/) as unknown,
  });
  await here.server.start();
});
