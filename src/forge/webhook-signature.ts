import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** True for 64 hex digits, `sha256=` before them or not: what {@link isSignedBy} can check. */
export function isSignature(text: string): boolean {
  return /^(?:sha256=)?[0-9a-f]{64}$/i.test(text);
}

/**
 * True when `signature` is the hex HMAC-SHA256 of the raw body under `secret`, as Gitea (`X-Gitea-Signature`)
 * and GitHub (with `sha256=` in front) send it. Takes the same time wherever the two differ. An
 * empty secret signs nothing.
 */
export function isSignedBy(secret: string, body: Uint8Array, signature: string): boolean {
  if (secret === '' || !isSignature(signature)) return false;
  const expected = createHmac('sha256', secret).update(body).digest();
  return timingSafeEqual(Buffer.from(signature.slice(-64), 'hex'), expected);
}

/** True when somebody sent the secret itself; takes the same time wherever the two differ, and however long they are. */
export function isSecret(secret: string, sent: string): boolean {
  if (secret === '') return false;
  return timingSafeEqual(digest(secret), digest(sent));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
