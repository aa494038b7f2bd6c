import { parseFirstYamlDocument } from '../lib/go-yaml.ts';

/** Shorter values are masked only where they stand as a word. */
export const SHORT = 4;
/** From so many characters on the beginning of a value is taken for it: messages cut what they quote. */
export const WHOLE = 60;

/** Lines and parts of a value that are too short to tell anything. */
const SHORTEST_PART = 6;
const MAX_PARTS = 200;

/**
 * How a secret value may stand in a text: as it is, each of its lines and the texts in its lists and maps, and
 * these as Go, JSON, YAML, URLs and Kubernetes Secrets write them.
 */
export function secretSpellings(value: string): readonly string[] {
  const parts = [...value.split('\n'), ...textsIn(value)]
    .map((part) => part.trim())
    .filter((part) => part.length >= SHORTEST_PART)
    .slice(0, MAX_PARTS);
  const all = new Set([value, value.trim(), ...parts]);
  return [...new Set([...all].flatMap(encodings))].filter((spelling) => spelling !== '');
}

function encodings(text: string): readonly string[] {
  if (text.length < SHORT) return [text];
  const quoted = JSON.stringify(text).slice(1, -1);
  return [
    text,
    quoted,
    // A message within a message.
    JSON.stringify(quoted).slice(1, -1),
    // As Go's encoding/json writes them for HTML.
    quoted.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
    text.replaceAll("'", "''"),
    inUrl(text),
    base64(text),
  ];
}

/** Half of a surrogate pair has no place in a URL. */
const inUrl = (text: string): string =>
  encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(text)));

/** Without the last digits, which depend on what follows. */
function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const digits = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const sure = digits.slice(0, Math.floor((bytes.length * 8) / 6));
  return sure.length < SHORTEST_PART ? '' : sure;
}

/** Texts in a list or map, which KUDO stores as YAML. */
function textsIn(value: string): readonly string[] {
  if (!/[\n{[]/.test(value)) return [];
  const parsed = parseFirstYamlDocument(value);
  const found: string[] = [];
  const open: unknown[] = parsed.ok ? [parsed.document?.value] : [];
  while (open.length > 0 && found.length < MAX_PARTS) {
    const next = open.pop();
    if (typeof next === 'string') found.push(next);
    else if (typeof next === 'object' && next !== null) open.push(...Object.values(next));
  }
  return found;
}
