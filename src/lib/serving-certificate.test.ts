import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { certificateEndsAt, isTrusted } from './certificate-trust.ts';
import { issueServingCertificate, type ServingCertificate } from './serving-certificate.ts';

const NOW = Date.parse('2030-06-01T00:00:00Z');
const DAY_MS = 24 * 3_600_000;

const issue = async (nowMs = NOW): Promise<ServingCertificate> =>
  issueServingCertificate(
    { hosts: ['service.ns.svc', '127.0.0.1', '::1'], validMs: 30 * DAY_MS },
    nowMs,
  );

test('is good for its hosts alone, and for as long as was wished', async () => {
  const { certPem, caPem } = await issue();
  expect(certificateEndsAt(certPem)).toBe(NOW + 30 * DAY_MS);
  const trusted = ['service.ns.svc', '127.0.0.1', '::1', 'other.ns.svc', '127.0.0.2'].map((host) =>
    isTrusted(certPem, caPem, host),
  );
  expect(trusted).toEqual([true, true, true, false, false]);
});

test('is not trusted by whoever trusts another authority, and is by whoever trusts both', async () => {
  const [first, second] = await Promise.all([issue(), issue()]);
  expect(isTrusted(first.certPem, second.caPem, '127.0.0.1')).toBe(false);
  expect(isTrusted(first.certPem, second.caPem + first.caPem, '127.0.0.1')).toBe(true);
});

test('a TLS client that trusts the authority accepts the server', async () => {
  const { certPem, keyPem, caPem } = await issue(Date.now());
  const server = createServer({ cert: certPem, key: keyPem }, (_, response) => {
    response.end('hello');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const status = await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, ca: caPem }, ({ statusCode }) => {
      resolve(statusCode);
    })
      .on('error', reject)
      .end();
  });
  server.closeAllConnections();
  server.close();
  expect(status).toBe(200);
});

test('something that is no certificate has no end and no trust', async () => {
  expect(certificateEndsAt('nonsense')).toBeUndefined();
  expect(isTrusted('nonsense', (await issue()).caPem, '127.0.0.1')).toBe(false);
});
