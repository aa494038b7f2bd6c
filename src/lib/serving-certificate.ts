// oxlint-disable-next-line import/no-unassigned-import -- its effect is the point
import './reflect-metadata.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** What a TLS server shows, and what its clients must trust. All PEM. */
export interface ServingCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

export interface CertificateWish {
  /** DNS names and IP addresses of the server; the first is its common name. */
  readonly hosts: readonly [string, ...string[]];
  readonly validMs: number;
}

const CLOCK_SKEW_MS = 5 * 60_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

type KeyPair = webcrypto.CryptoKeyPair;

/**
 * Issues a serving certificate under a certificate authority of its own. The authority's key is
 * thrown away: nobody can ever issue another certificate that the same clients trust.
 *
 * @param nowMs epoch milliseconds; validity begins five minutes before
 */
export async function issueServingCertificate(
  wish: CertificateWish,
  nowMs: number,
): Promise<ServingCertificate> {
  const authorityKeys = await newKeys();
  const serverKeys = await newKeys();
  const validity = {
    notBefore: new Date(nowMs - CLOCK_SKEW_MS),
    notAfter: new Date(nowMs + wish.validMs),
    signingAlgorithm: ALGORITHM,
  };
  const authorityName = [{ CN: [`${wish.hosts[0]} authority`.slice(0, 64)] }];
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: newSerialNumber(),
    name: authorityName,
    keys: authorityKeys,
    extensions: await authorityExtensions(authorityKeys),
  });
  const server = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: newSerialNumber(),
    subject: [{ CN: [wish.hosts[0].slice(0, 64)] }],
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: await serverExtensions(wish.hosts, authorityKeys, serverKeys),
  });
  const privateKey = await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey);
  return {
    certPem: `${server.toString('pem')}\n`,
    keyPem: `${PemConverter.encode(privateKey, 'PRIVATE KEY')}\n`,
    caPem: `${authority.toString('pem')}\n`,
  };
}

async function newKeys(): Promise<KeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** Positive, and different for each certificate, as clients may refuse two of one issuer with the same. */
function newSerialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

async function authorityExtensions(keys: KeyPair): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
  ];
}

async function serverExtensions(
  hosts: readonly string[],
  authorityKeys: KeyPair,
  serverKeys: KeyPair,
): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(
      hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })),
    ),
    await SubjectKeyIdentifierExtension.create(serverKeys.publicKey),
    await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
  ];
}
