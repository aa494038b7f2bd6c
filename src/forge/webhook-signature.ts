import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * True when `signature` is the hex HMAC-SHA256 of the raw body under `secret`, as Gitea (`X-Gitea-Signature`)
 * and GitHub (with `sha256=` in front) send it. Takes the same time wherever the two differ. An
 * empty secret signs nothing.
 */
export function isSignedBy(secret: string, body: Uint8Array, signature: string): boolean {
  const hex = signature.replace(/^sha256=/, '');
  if (secret === '' || !/^[0-9a-f]{64}$/i.test(hex)) return false;
  const expected = createHmac('sha256', secret).update(body).digest();
  return timingSafeEqual(Buffer.from(hex, 'hex'), expected);
}
