import { webcrypto } from 'node:crypto';
import type * as X509 from '@peculiar/x509';

/** A serving certificate for a server on the loopback interface, and what its clients must trust. */
export interface ServingCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  /** The same certificate: it is its own authority. */
  readonly caPem: string;
}

const VALID_MS = 24 * 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes a self-signed certificate for 127.0.0.1 and localhost, valid for a day. */
export async function createServingCertificate(): Promise<ServingCertificate> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=kudo-gitops cluster test',
    serialNumber: '01',
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + VALID_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'ip', value: '127.0.0.1' },
        { type: 'dns', value: 'localhost' },
      ]),
    ],
  });
  const certPem = `${certificate.toString('pem')}\n`;
  return { certPem, caPem: certPem, keyPem: await privateKeyPem(keys.privateKey) };
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

/**
 * The library loads tsyringe, which refuses to load unless someone has extended `Reflect`. It asks
 * for metadata that nobody here ever defines, so an answer of "none" is all it takes.
 */
async function loadX509(): Promise<typeof X509> {
  if (!('getMetadata' in Reflect)) {
    Object.assign(Reflect, { getMetadata: none, getOwnMetadata: none, defineMetadata: none });
  }
  return import('@peculiar/x509');
}

function none(): undefined {
  return undefined;
}
