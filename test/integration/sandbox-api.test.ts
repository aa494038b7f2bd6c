import { describe, expect, test } from 'vitest';
import { configMap, database } from '../fakes/kube-fixtures.ts';
import { RawKubeClient } from '../fakes/raw-kube-client.ts';
import { sandboxRounds } from '../fakes/sandbox-rounds.ts';

const here = sandboxRounds();

describe('who may ask', () => {
  test('a request without the token is refused', async () => {
    const stranger = new RawKubeClient({ ...here.server, token: 'guessed' });
    const { code, body } = await stranger.get('/api/v1/namespaces');
    stranger.close();
    expect({ code, reason: body.reason }).toEqual({ code: 401, reason: 'Unauthorized' });
  });

  test('an API version that Kubernetes has removed is not served', async () => {
    expect((await here.kube.get('/apis/policy/v1beta1')).code).toBe(404);
    expect((await here.kube.get('/apis/policy/v1')).code).toBe(200);
  });
});

describe('custom resources', () => {
  test('are stored with defaults and without unknown fields', async () => {
    const { code, body } = await here.kube.post(
      here.dbs,
      database('a', { size: 2, colour: 'red' }),
    );
    expect(code).toBe(201);
    expect(body.spec).toEqual({ size: 2, engine: 'pg' });
    expect(body.metadata).toMatchObject({ name: 'a', namespace: here.ns, generation: 1 });
  });

  test('an unknown field is a warning by default and an error when asked', async () => {
    const misspelt = database('a', { size: 1, sise: 2 });
    const warned = await here.kube.post(`${here.dbs}?dryRun=All`, misspelt);
    expect(warned.headers['warning']).toContain('unknown field \\"spec.sise\\"');
    const { code, body } = await here.kube.post(`${here.dbs}?fieldValidation=Strict`, misspelt);
    expect(code).toBe(400);
    expect(body.message).toContain('strict decoding error: unknown field "spec.sise"');
  });

  test('an object that breaks its schema is refused with every reason', async () => {
    const { code, body } = await here.kube.post(
      here.dbs,
      database('a', { size: 0, engine: 'ora' }),
    );
    expect(code).toBe(422);
    expect(body.message).toBe(
      'Database.example.org "a" is invalid: [spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1, spec.engine: Unsupported value: "ora": supported values: "pg", "my"]',
    );
  });

  test('status is written only through its subresource, and only the spec counts generations', async () => {
    await here.kube.post(here.dbs, { ...database('a'), status: { phase: 'lie' } });
    const bySpec = await here.kube.patch(`${here.dbs}/a`, {
      spec: { size: 3 },
      status: { phase: 'lie' },
    });
    expect(bySpec.body.status).toBeUndefined();
    expect(bySpec.body.metadata.generation).toBe(2);
    const byStatus = await here.kube.patch(`${here.dbs}/a/status`, {
      spec: { size: 9 },
      status: { phase: 'up' },
    });
    expect(byStatus.body.spec).toEqual({ size: 3, engine: 'pg' });
    expect(byStatus.body.status).toEqual({ phase: 'up' });
    expect(byStatus.body.metadata.generation).toBe(2);
  });

  test('an object of a namespace that does not exist is refused', async () => {
    const { code, body } = await here.kube.post(
      '/apis/example.org/v1/namespaces/nowhere/databases',
      database('a'),
    );
    expect({ code, message: body.message }).toEqual({
      code: 404,
      message: 'namespaces "nowhere" not found',
    });
  });

  test('a second object of the same name is refused', async () => {
    await here.kube.post(here.dbs, database('a'));
    const { code, body } = await here.kube.post(here.dbs, database('a'));
    expect({ code, reason: body.reason }).toEqual({ code: 409, reason: 'AlreadyExists' });
  });

  test('a table shows the columns of the CRD', async () => {
    await here.kube.post(here.dbs, database('a', { size: 2 }));
    await here.kube.patch(`${here.dbs}/a/status`, {
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    const { body } = await here.kube.get(here.dbs, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    const table = body as unknown as {
      columnDefinitions: { name: string; priority: number }[];
      rows: { cells: unknown[] }[];
    };
    expect(table.columnDefinitions.map(({ name, priority }) => [name, priority])).toEqual([
      ['Name', 0],
      ['Size', 0],
      ['Ready', 0],
      ['Engine', 1],
    ]);
    expect(table.rows.map(({ cells }) => cells)).toEqual([['a', 2, 'True', 'pg']]);
  });
});

describe('patches', () => {
  test('a merge patch removes what is null and keeps the rest', async () => {
    await here.kube.post(here.dbs, database('a', { size: 1, parameters: { A: '1', B: '2' } }));
    const { body } = await here.kube.patch(`${here.dbs}/a`, {
      spec: { parameters: { A: null, C: '3' } },
    });
    expect(body.spec['parameters']).toEqual({ B: '2', C: '3' });
  });

  test('a patch that names another uid or an old resourceVersion is refused', async () => {
    const { metadata } = (await here.kube.post(here.dbs, database('a'))).body;
    const foreign = await here.kube.patch(`${here.dbs}/a`, {
      metadata: { uid: 'x' },
      spec: { size: 2 },
    });
    expect(foreign.code).toBe(422);
    expect(foreign.body.message).toContain('metadata.uid: Invalid value: "x": field is immutable');
    await here.kube.patch(`${here.dbs}/a`, { spec: { size: 2 } });
    const { resourceVersion } = metadata;
    const stale = await here.kube.patch(`${here.dbs}/a`, {
      metadata: { resourceVersion },
      spec: { size: 3 },
    });
    expect({ code: stale.code, reason: stale.body.reason }).toEqual({
      code: 409,
      reason: 'Conflict',
    });
  });

  test('a patch that changes nothing is no write', async () => {
    const before = (await here.kube.post(here.dbs, database('a'))).body.metadata.resourceVersion;
    const { body } = await here.kube.patch(`${here.dbs}/a`, { spec: { size: 1 } });
    expect(body.metadata.resourceVersion).toBe(before);
  });

  test('a JSON patch whose test fails changes nothing and is answered with 422', async () => {
    await here.kube.post(here.dbs, database('a', { size: 1 }));
    const refused = await here.kube.patch(
      `${here.dbs}/a`,
      [
        { op: 'replace', path: '/spec/size', value: 5 },
        { op: 'test', path: '/spec/engine', value: 'my' },
      ],
      'json',
    );
    expect(refused.code).toBe(422);
    expect((await here.kube.get(`${here.dbs}/a`)).body.spec['size']).toBe(1);
  });

  test('custom resources take no strategic merge patch', async () => {
    await here.kube.post(here.dbs, database('a'));
    expect((await here.kube.patch(`${here.dbs}/a`, { spec: { size: 2 } }, 'strategic')).code).toBe(
      415,
    );
  });

  test('a replacement at an old resourceVersion is a conflict', async () => {
    const first = (await here.kube.post(here.maps, configMap('a', { x: '1' }))).body;
    await here.kube.patch(`${here.maps}/a`, { data: { x: '2' } });
    const { code } = await here.kube.send('PUT', `${here.maps}/a`, {
      body: { ...first, data: { x: '3' } },
    });
    expect(code).toBe(409);
  });

  test('a dry run answers with the object that would be, and stores nothing', async () => {
    await here.kube.post(here.dbs, database('a'));
    const would = await here.kube.patch(`${here.dbs}/a?dryRun=All`, { spec: { size: 7 } });
    expect(would.body.spec['size']).toBe(7);
    expect((await here.kube.get(`${here.dbs}/a`)).body.spec['size']).toBe(1);
  });

  test('managedFields tell which manager set which parameter', async () => {
    await here.kube.post(
      `${here.dbs}?fieldManager=first`,
      database('a', { size: 1, parameters: { A: '1' } }),
    );
    await here.kube.patch(`${here.dbs}/a?fieldManager=second`, {
      spec: { parameters: { A: '2' } },
    });
    const { managedFields = [] } = (await here.kube.get(`${here.dbs}/a`)).body.metadata;
    const holders = managedFields.filter(({ fieldsV1 }) =>
      JSON.stringify(fieldsV1).includes('f:A'),
    );
    expect(holders.map(({ manager }) => manager)).toEqual(['second']);
  });
});

describe('lists', () => {
  test('come in pages that belong together, whatever is written in between', async () => {
    for (const name of ['a', 'b', 'c']) await here.kube.post(here.maps, configMap(name, {}));
    const first = (await here.kube.get(`${here.maps}?limit=2`)).body;
    await here.kube.delete(`${here.maps}/c`);
    const next = encodeURIComponent(first.metadata.continue ?? '');
    const second = (await here.kube.get(`${here.maps}?limit=2&continue=${next}`)).body;
    const names = [...first.items, ...second.items].map(({ metadata }) => metadata.name);
    expect(names).toEqual(['a', 'b', 'c']);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('are narrowed by labels and fields', async () => {
    await here.kube.post(here.maps, configMap('a', {}, { labels: { tier: 'web', old: 'yes' } }));
    await here.kube.post(here.maps, configMap('b', {}, { labels: { tier: 'db' } }));
    const namesOf = async (query: string): Promise<string[]> =>
      (await here.kube.get(`${here.maps}?${query}`)).body.items.map(
        ({ metadata }) => metadata.name,
      );
    expect(await namesOf('labelSelector=tier%20in%20(web,db),!old')).toEqual(['b']);
    expect(await namesOf('fieldSelector=metadata.name%3Da')).toEqual(['a']);
    expect((await here.kube.get(`${here.maps}?fieldSelector=data.x%3D1`)).code).toBe(400);
  });
});

describe('faults', () => {
  test('a test may answer a request with an error of its own', async () => {
    here.server.setFaults(({ method }) =>
      method === 'POST' ? { kind: 'status', code: 429, retryAfterSeconds: 2 } : undefined,
    );
    const { code, headers, body } = await here.kube.post(here.maps, configMap('a', {}));
    expect({ code, after: headers['retry-after'], reason: body.reason }).toEqual({
      code: 429,
      after: '2',
      reason: 'TooManyRequests',
    });
  });

  test('a connection may be cut after the write, so that the client cannot know', async () => {
    here.server.setFaults(({ method }) =>
      method === 'POST' ? { kind: 'cut', when: 'after' } : undefined,
    );
    await expect(here.kube.post(here.maps, configMap('a', {}))).rejects.toThrow('socket hang up');
    expect((await here.kube.get(`${here.maps}/a`)).code).toBe(200);
  });

  test('every request is remembered', async () => {
    await here.kube.get(`${here.maps}?limit=1`);
    expect(here.server.requests.at(-1)).toEqual({
      method: 'GET',
      path: `${here.maps}?limit=1`,
      userAgent: 'raw-test/1.0',
    });
  });
});
