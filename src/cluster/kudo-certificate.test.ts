import { expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import { issueServingCertificate } from '../lib/serving-certificate.ts';
import { certificateNeed, keepKudoCertificate } from './kudo-certificate.ts';
import { KubeError, type KubeClient } from './kube-client.ts';
import { KUDO_HOST } from './kudo-install.ts';

const NOW = Date.parse('2030-06-01T00:00:00Z');
const DAY_MS = 24 * 3_600_000;
const issue = async (host: string, days: number): Promise<{ certPem: string; caPem: string }> =>
  issueServingCertificate({ hosts: [host], validMs: days * DAY_MS }, NOW);

test('a certificate that is trusted and far from its end needs nothing', async () => {
  const { certPem, caPem } = await issue(KUDO_HOST, 365);
  expect(certificateNeed({ certPem, caPem, bundlePem: caPem }, NOW)).toBe('nothing');
});

test('a certificate is renewed months before its end, and after it', async () => {
  const { certPem, caPem } = await issue(KUDO_HOST, 365);
  const held = { certPem, caPem, bundlePem: caPem };
  expect(certificateNeed(held, NOW + 240 * DAY_MS)).toBe('nothing');
  expect(certificateNeed(held, NOW + 250 * DAY_MS)).toBe('renew');
  expect(certificateNeed(held, NOW + 400 * DAY_MS)).toBe('renew');
});

test('a good certificate that the API server does not trust needs trust', async () => {
  const { certPem, caPem } = await issue(KUDO_HOST, 365);
  const other = await issue(KUDO_HOST, 365);
  expect(certificateNeed({ certPem, caPem, bundlePem: '' }, NOW)).toBe('trust');
  expect(certificateNeed({ certPem, caPem, bundlePem: other.caPem }, NOW)).toBe('trust');
});

test.each([
  { why: 'no certificate', make: async () => Promise.resolve({ certPem: '', caPem: '' }) },
  { why: 'one for another host', make: async () => issue('else.where.svc', 365) },
  {
    why: 'one whose authority is lost',
    make: async () => ({ ...(await issue(KUDO_HOST, 365)), caPem: '' }),
  },
])('$why is replaced', async ({ make }) => {
  const { certPem, caPem } = await make();
  expect(certificateNeed({ certPem, caPem, bundlePem: '' }, NOW)).toBe('renew');
});

test('goes on after a failure, looks twice a day, and asks two questions each time', async () => {
  const scope = testScope();
  const asked: number[] = [];
  let isDown = true;
  const get = async (): Promise<never> => {
    asked.push(scope.clock.now());
    await Promise.resolve();
    throw new KubeError(isDown ? 500 : 404, '', isDown ? 'cluster is down' : 'not found');
  };
  const keeping = keepKudoCertificate({ get } as unknown as KubeClient, scope);
  await scope.clock.advance(0);
  isDown = false;
  await scope.clock.advance(60_000);
  await scope.clock.advance(DAY_MS / 2);
  scope.stop();
  await keeping;
  const start = Date.parse('2026-01-01T00:00:00Z');
  expect(asked.map((at) => at - start)).toEqual([
    0,
    60_000,
    60_000,
    60_000 + DAY_MS / 2,
    60_000 + DAY_MS / 2,
  ]);
  expect(scope.lines.join('')).toContain('cluster is down');
});
