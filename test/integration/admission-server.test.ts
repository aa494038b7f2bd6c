import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAdmissionServer, type AdmissionServer } from '../../src/engine/admission-server.ts';
import { ADMISSION_PATH } from '../../src/engine/webhook-configuration.ts';
import {
  issueServingCertificate,
  type ServingCertificate,
} from '../../src/lib/serving-certificate.ts';
import { demoInstance, demoOperator } from '../fakes/demo-operator.ts';
import { liveScope } from '../fakes/scope.ts';

describe('the admission server', () => {
  const scope = liveScope();
  let certificate: ServingCertificate;
  let server: AdmissionServer;

  beforeAll(async () => {
    const wish = { hosts: ['127.0.0.1'], validMs: 3_600_000 } as const;
    certificate = await issueServingCertificate(wish, Date.now());
    const { spec } = demoOperator({ tasks: [] });
    const world = {
      readOperatorVersion: async (namespace: string, name: string) =>
        Promise.resolve({
          apiVersion: 'kudo.dev/v1beta1',
          kind: 'OperatorVersion',
          metadata: { name, namespace },
          spec,
        }),
      newUid: () => 'new-uid',
    };
    server = await startAdmissionServer({ host: '127.0.0.1', port: 0, certificate }, world, scope);
  });

  afterAll(async () => {
    await server.close();
  });

  it('answers an AdmissionReview', async () => {
    const review = {
      apiVersion: 'admission.k8s.io/v1beta1',
      kind: 'AdmissionReview',
      request: { uid: 'r', operation: 'CREATE', object: demoInstance() },
    };
    const { status, text } = await post(ADMISSION_PATH, JSON.stringify(review));
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ response: { uid: 'r', allowed: true } });
  });

  it.each([
    ['another path', '/other', '{}', 404],
    ['what is no JSON', ADMISSION_PATH, '{', 400],
    ['what is no review', ADMISSION_PATH, '{}', 400],
    ['a body without an end', ADMISSION_PATH, 'x'.repeat(9 * 1024 * 1024), 413],
  ])('refuses %s', async (_what, path, body, status) => {
    expect((await post(path, body)).status).toBe(status);
  });

  it('says clearly why it cannot listen', async () => {
    const { port } = server;
    const options = { host: '127.0.0.1', port, certificate };
    const world = {
      readOperatorVersion: async () => Promise.resolve(undefined),
      newUid: () => '',
    };
    await expect(startAdmissionServer(options, world, scope)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining(`127.0.0.1:${String(port)}`) as string,
    });
  });

  async function post(path: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, path, method: 'POST' };
      const outgoing = request({ ...options, ca: certificate.caPem, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
});
