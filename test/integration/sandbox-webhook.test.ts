import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  issueServingCertificate,
  type ServingCertificate,
} from '../../src/lib/serving-certificate.ts';
import { startApiServer, type SandboxApiServer } from '../../src/sandbox/api-server.ts';
import { RawKubeClient } from '../fakes/raw-kube-client.ts';
import { liveScope } from '../fakes/scope.ts';

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: {
    readonly uid: string;
    readonly operation: string;
    readonly dryRun: boolean;
    readonly name: string;
    readonly namespace: string;
    readonly resource: object;
    readonly object: { readonly data?: object };
    readonly oldObject: { readonly data?: object } | null;
  };
}

const scope = liveScope();
const HOUR_MS = 3_600_000;
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const MAPS = '/api/v1/namespaces/default/configmaps';
let certificate: ServingCertificate;
let hook: Server;
let server: SandboxApiServer;
let kube: RawKubeClient;
let reviews: Review[] = [];
let respond: (review: Review) => object | Promise<object> | undefined = () => ({ allowed: true });

beforeAll(async () => {
  certificate = await issueServingCertificate(
    { hosts: ['127.0.0.1'], validMs: HOUR_MS },
    scope.clock.now(),
  );
  hook = createServer(
    { key: certificate.keyPem, cert: certificate.certPem },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Review;
        reviews.push(review);
        void reply(review, response);
      });
    },
  );
  await new Promise<void>((resolve) => {
    hook.listen(0, '127.0.0.1', resolve);
  });
  server = await startApiServer(
    { resolveService: ({ name, path }) => (name === 'hooks' ? `${hookUrl()}${path}` : undefined) },
    scope,
  );
  kube = new RawKubeClient(server);
});

afterAll(async () => {
  kube.close();
  hook.closeAllConnections();
  hook.close();
  await server.stop();
});

beforeEach(async () => {
  await kube.delete(`${CONFIGURATIONS}/guard`);
  for (const name of ['a', 'gen']) await kube.delete(`${MAPS}/${name}`);
  reviews = [];
  respond = ({ request }) => ({ uid: request.uid, allowed: true });
});

async function reply(review: Review, response: ServerResponse): Promise<void> {
  const answer = await respond(review);
  if (answer === undefined) return;
  const { apiVersion, kind } = review;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ apiVersion, kind, response: answer }));
}

function hookUrl(): string {
  return `https://127.0.0.1:${(hook.address() as AddressInfo).port}`;
}

async function register(changes: object = {}): Promise<number> {
  const webhook = {
    name: 'guard.example.org',
    admissionReviewVersions: ['v1beta1'],
    sideEffects: 'None',
    clientConfig: {
      url: `${hookUrl()}/admit`,
      caBundle: Buffer.from(certificate.caPem).toString('base64'),
    },
    rules: [
      {
        operations: ['CREATE', 'UPDATE'],
        apiGroups: [''],
        apiVersions: ['v1'],
        resources: ['configmaps'],
      },
    ],
    ...changes,
  };
  const { code } = await kube.post(CONFIGURATIONS, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'guard' },
    webhooks: [webhook],
  });
  return code;
}

const configMap = (data: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data,
});

function patchResponse(uid: string, patch: object): object {
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
  return { uid, allowed: true, patchType: 'JSONPatch', patch: encoded };
}

test('a webhook that speaks v1beta1 sees the write and changes the object', async () => {
  await register();
  respond = ({ request }) =>
    patchResponse(request.uid, [{ op: 'add', path: '/data/added', value: 'yes' }]);
  const { body } = await kube.post(MAPS, configMap({ x: '1' }));
  expect(body.data).toEqual({ x: '1', added: 'yes' });
  expect(reviews).toMatchObject([
    {
      apiVersion: 'admission.k8s.io/v1beta1',
      kind: 'AdmissionReview',
      request: {
        operation: 'CREATE',
        name: 'a',
        namespace: 'default',
        dryRun: false,
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        object: { data: { x: '1' } },
        oldObject: null,
      },
    },
  ]);
});

test('an update is reviewed with the old object beside the new one', async () => {
  await kube.post(MAPS, configMap({ x: '1' }));
  await register();
  await kube.patch(`${MAPS}/a`, { data: { x: '2' } });
  expect(reviews.map(({ request }) => [request.object.data, request.oldObject?.data])).toEqual([
    [{ x: '2' }, { x: '1' }],
  ]);
});

test('a denial reaches the client with the text and code of the webhook', async () => {
  await register();
  respond = ({ request }) => ({
    uid: request.uid,
    allowed: false,
    status: { code: 403, message: 'not today' },
  });
  const { code, body } = await kube.post(MAPS, configMap({}));
  expect({ code, message: body.message }).toEqual({
    code: 403,
    message: 'admission webhook "guard.example.org" denied the request: not today',
  });
  expect((await kube.get(`${MAPS}/a`)).code).toBe(404);
});

test('a webhook that cannot be reached fails the write, unless its failures are ignored', async () => {
  await register({ clientConfig: { url: 'https://127.0.0.1:1/admit' } });
  const { code, body } = await kube.post(MAPS, configMap({}));
  expect(code).toBe(500);
  expect(body.message).toMatch(
    /^Internal error occurred: failed calling webhook "guard.example.org": failed to call webhook: Post "https:\/\/127.0.0.1:1\/admit\?timeout=10s": /,
  );
  await kube.delete(`${CONFIGURATIONS}/guard`);
  await register({ clientConfig: { url: 'https://127.0.0.1:1/admit' }, failurePolicy: 'Ignore' });
  expect((await kube.post(MAPS, configMap({}))).code).toBe(201);
});

test('a webhook that does not answer in time fails the write', async () => {
  await register({ timeoutSeconds: 1 });
  respond = () => undefined;
  const { code, body } = await kube.post(MAPS, configMap({}));
  expect(code).toBe(500);
  expect(body.message).toContain('context deadline exceeded');
});

test('a certificate of another authority is not trusted', async () => {
  const other = await issueServingCertificate(
    { hosts: ['127.0.0.1'], validMs: HOUR_MS },
    scope.clock.now(),
  );
  const caBundle = Buffer.from(other.caPem).toString('base64');
  await register({ clientConfig: { url: `${hookUrl()}/admit`, caBundle } });
  expect((await kube.post(MAPS, configMap({}))).code).toBe(500);
  expect(reviews).toEqual([]);
});

test('a dry run asks the webhook and says so', async () => {
  await register();
  await kube.post(`${MAPS}?dryRun=All`, configMap({}));
  expect(reviews.map(({ request }) => request.dryRun)).toEqual([true]);
});

test.each([
  { sideEffects: 'Some' },
  { admissionReviewVersions: [] },
  { name: 'guard' },
  { clientConfig: { url: 'http://127.0.0.1/admit' } },
  { clientConfig: {} },
  { timeoutSeconds: 60 },
])('a webhook that a real server would not register is refused: %j', async (changes) => {
  expect(await register(changes)).toBe(422);
});

test('an answer of version v1 must carry the uid of its question', async () => {
  await register({ admissionReviewVersions: ['v1', 'v1beta1'] });
  respond = () => ({ uid: 'another', allowed: true });
  const { code, body } = await kube.post(MAPS, configMap({}));
  expect(code).toBe(500);
  expect(body.message).toMatch(/expected response.uid="[^"]+", got "another"/);
});

test('a webhook is found by its Service, and asked only about what its selectors name', async () => {
  await register({
    clientConfig: {
      service: { name: 'hooks', namespace: 'default', path: '/admit' },
      caBundle: Buffer.from(certificate.caPem).toString('base64'),
    },
    objectSelector: { matchLabels: { guarded: 'yes' } },
  });
  await kube.post(MAPS, configMap({}));
  expect(reviews).toEqual([]);
  await kube.patch(`${MAPS}/a`, { metadata: { labels: { guarded: 'yes' } } });
  expect(reviews.length).toBe(1);
});

test('a write that comes while the webhook is thinking is not lost', async () => {
  await kube.post(MAPS, configMap({ x: '1' }));
  await register();
  let release: (answer: object) => void = () => undefined;
  const isAsked = new Promise<void>((asked) => {
    respond = () =>
      new Promise<object>((resolve) => {
        release = resolve;
        asked();
      });
  });
  const slow = kube.patch(`${MAPS}/a`, { data: { x: '2' } });
  await isAsked;
  respond = ({ request }) => ({ uid: request.uid, allowed: true });
  await kube.patch(`${MAPS}/a`, { data: { y: '3' } });
  release({ allowed: true });
  expect((await slow).body.data).toEqual({ x: '2', y: '3' });
  expect(reviews.length).toBe(3);
});
