/** A text's UTF-8, each byte as one character: Go counts and cuts texts so. */
export function toGoBytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

const SEQUENCES =
  /(\p{ASCII}+|[\u00C2-\u00DF][\u0080-\u00BF]|\u00E0[\u00A0-\u00BF][\u0080-\u00BF]|[\u00E1-\u00EC\u00EE\u00EF][\u0080-\u00BF]{2}|\u00ED[\u0080-\u009F][\u0080-\u00BF]|\u00F0[\u0090-\u00BF][\u0080-\u00BF]{2}|[\u00F1-\u00F3][\u0080-\u00BF]{3}|\u00F4[\u0080-\u008F][\u0080-\u00BF]{2})|[\s\S]/gu;

/** The text of such bytes; each byte that is no UTF-8 becomes U+FFFD, as Go's JSON writes it. */
export function fromGoBytes(bytes: string): string {
  return bytes.replaceAll(SEQUENCES, (all, valid?: string) => {
    if (valid === undefined) return '\uFFFD';
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      Uint8Array.from(all, (byte) => byte.charCodeAt(0)),
    );
  });
}
