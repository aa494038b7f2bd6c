import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** When the first certificate in `pem` ends, in epoch milliseconds; undefined when it is no certificate. */
export function certificateEndsAt(pem: string): number | undefined {
  const certificate = parsedCertificate(pem);
  return certificate && Date.parse(certificate.validTo);
}

/** Whether clients that trust `caPem` (any number of certificates) accept `certPem` for `host`, dates aside. */
export function isTrusted(certPem: string, caPem: string, host: string): boolean {
  const certificate = parsedCertificate(certPem);
  if (!certificate) return false;
  const names = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host);
  return names !== undefined && splitPem(caPem).some((ca) => isIssuedBy(certificate, ca));
}

/** The single certificates in a bundle. */
export function splitPem(bundle: string): readonly string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function isIssuedBy(certificate: X509Certificate, caPem: string): boolean {
  const authority = parsedCertificate(caPem);
  return (
    authority !== undefined &&
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey)
  );
}

function parsedCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
