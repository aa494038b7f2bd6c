type UrlPart = 'path' | 'user' | 'host' | 'fragment';

/** What stands as it is in each part of a URL, by Go's net/url. */
const PLAIN: Readonly<Record<UrlPart, RegExp>> = {
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  user: /[A-Za-z0-9\-_.~$&+,;=]/,
  host: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
  fragment: /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/,
};

/** Percent-encodes the UTF-8 of whatever may not stand in this part. */
export function escapeUrlPart(text: string, part: UrlPart): string {
  const bytes = new TextEncoder().encode(text);
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (PLAIN[part].test(character)) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** Takes the percent signs away; throws what Go says about a wrong one, and about a host's wrong characters. */
export function unescapeUrlPart(text: string, part: UrlPart): string {
  const wrong = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text)?.[0];
  if (wrong !== undefined) throw new Error(`invalid URL escape ${JSON.stringify(wrong)}`);
  if (part === 'host') checkHost(text);
  const bytes: number[] = [];
  for (const [all, code] of text.matchAll(/%([0-9A-Fa-f]{2})|[^%]+/g))
    bytes.push(
      ...(code === undefined ? new TextEncoder().encode(all) : [Number.parseInt(code, 16)]),
    );
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** In hosts Go takes escapes of what is not ASCII, and of the percent sign. */
function checkHost(text: string): void {
  const escape = /%(?!25)[0-7][0-9A-Fa-f]/.exec(text)?.[0];
  if (escape !== undefined) throw new Error(`invalid URL escape ${JSON.stringify(escape)}`);
  for (const character of text)
    if (character !== '%' && character.charCodeAt(0) < 0x80 && !PLAIN.host.test(character))
      throw new Error(`invalid character ${JSON.stringify(character)} in host name`);
}
