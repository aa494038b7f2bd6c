import { Failure } from '../lib/failure.ts';
import { jsonOrUndefined } from '../lib/json-or-undefined.ts';

/** Largest note of one commit that is read or written, in bytes. */
export const MAX_NOTE_BYTES = 8 << 20;

/**
 * The note with `line` in place of the line of the same `key`, or at its end. Everything else stays byte
 * for byte, whoever wrote it and whatever it is. The same buffer when the line is there already.
 *
 * @param line one JSON object that has `key`, without line ends
 * @throws {Failure} `invalid` when the note would be too large
 */
export function addNoteLine(note: Buffer, key: string, line: string): Buffer {
  // Bytes that are not UTF-8 survive as latin1.
  const lines = note.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  const wanted = Buffer.from(line, 'utf8').toString('latin1');
  const at = lines.findIndex((other) => keyOfLine(Buffer.from(other, 'latin1')) === key);
  if (at !== -1 && lines[at] === wanted) return note;
  const next = at === -1 ? [...lines, wanted] : lines.with(at, wanted);
  const bytes = Buffer.from(`${next.join('\n')}\n`, 'latin1');
  if (bytes.length <= MAX_NOTE_BYTES) return bytes;
  throw new Failure('invalid', `a Git note would have more than ${MAX_NOTE_BYTES} bytes`);
}

/** `key` of a line that is a JSON object; of any other line undefined. */
function keyOfLine(line: Buffer): string | undefined {
  const value = jsonOrUndefined(line.toString('utf8'));
  if (typeof value !== 'object' || value === null || !('key' in value)) return undefined;
  return typeof value.key === 'string' ? value.key : undefined;
}
