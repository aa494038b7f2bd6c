/** Where the name of the cipher is in an OpenSSH private key (openssh PROTOCOL.key). */
const MAGIC = Buffer.from('openssh-key-v1\0');

/** Whether a private key is protected by a passphrase, for which nobody can be asked. */
export function hasPassphrase(pem: string): boolean {
  const [, openssh] =
    /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(pem) ?? [];
  if (openssh === undefined) return /ENCRYPTED/.test(pem);
  const raw = Buffer.from(openssh, 'base64');
  const at = MAGIC.length + 4;
  if (!raw.subarray(0, MAGIC.length).equals(MAGIC) || raw.length < at) return false;
  return raw.toString('latin1', at, at + raw.readUInt32BE(MAGIC.length)) !== 'none';
}
