import { badRequest } from './api-error.ts';
import type { Fields } from './api-object.ts';
import {
  messageFields,
  messageOfKind,
  type FieldType,
  type MessageField,
} from './builtin-types.ts';

const MAGIC = Buffer.from('k8s\0', 'latin1');
const MAX_DEPTH = 64;

/**
 * Reads an object that a client sent as `application/vnd.kubernetes.protobuf` (kubectl does so for the
 * kinds it has compiled in). Throws 400 for what is no such object. Empty texts are left out, as in
 * JSON; numbers and booleans stand even when they are zero, as the wire does not tell whether they were set.
 */
export function decodeProtobuf(bytes: Buffer): Fields {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw malformed('it has no prefix');
  const envelope = readFields(bytes.subarray(MAGIC.length));
  const meta = readFields(asBytes(envelope.find(({ number }) => number === 1)?.value));
  const apiVersion = textAt(meta, 1);
  const kind = textAt(meta, 2);
  const message = messageOfKind(apiVersion, kind);
  if (message === undefined) throw malformed(`the kind ${kind} of ${apiVersion} is not known`);
  const raw = asBytes(envelope.find(({ number }) => number === 2)?.value);
  return { apiVersion, kind, ...decodeMessage(raw, message, 0) };
}

interface WireField {
  readonly number: number;
  readonly value: bigint | Buffer;
}

function decodeMessage(bytes: Buffer, message: string, depth: number): Fields {
  if (depth > MAX_DEPTH) throw malformed('it is too deep');
  const declared = new Map(messageFields(message)?.map((field) => [field.number, field]));
  const result: Record<string, unknown> = {};
  for (const { number, value } of readFields(bytes)) {
    const field = declared.get(number);
    if (field !== undefined) take(result, field, value, depth);
  }
  return result;
}

function take(
  result: Record<string, unknown>,
  { name, type, isInline }: MessageField,
  value: bigint | Buffer,
  depth: number,
): void {
  if (isInline) Object.assign(result, decodeMessage(asBytes(value), type, depth + 1));
  else if (type.startsWith('[]')) {
    const items = (result[name] ?? []) as unknown[];
    result[name] = [...items, decodeValue(type.slice(2), value, depth) ?? ''];
  } else if (type.startsWith('{}')) {
    result[name] = { ...(result[name] as Fields), ...decodeEntry(type.slice(2), value, depth) };
  } else {
    const decoded = decodeValue(type, value, depth);
    if (decoded !== undefined) result[name] = decoded;
  }
}

/** One entry of a map: a message of key and value. */
function decodeEntry(type: FieldType, value: bigint | Buffer, depth: number): Fields {
  const entry = readFields(asBytes(value));
  const key = textAt(entry, 1);
  const held = entry.find(({ number }) => number === 2)?.value ?? Buffer.alloc(0);
  return { [key]: decodeValue(type, held, depth) ?? '' };
}

function decodeValue(type: FieldType, value: bigint | Buffer, depth: number): unknown {
  const decode = DECODERS[type];
  if (decode !== undefined) return decode(value);
  return nonEmpty(decodeMessage(asBytes(value), type, depth + 1));
}

const DECODERS: Readonly<Record<string, (value: bigint | Buffer) => unknown>> = {
  s: (value) => asBytes(value).toString('utf8') || undefined,
  b: (value) => value !== 0n,
  i: asInteger,
  d: (value) => (typeof value === 'bigint' ? 0 : value.readDoubleLE(0)),
  y: (value) => asBytes(value).toString('base64'),
  T: (value) => decodeTime(value)?.replace('.000', ''),
  U: (value) => decodeTime(value)?.replace('.000', '.000000'),
  I: decodeIntOrString,
  Q: (value) => textAt(readFields(asBytes(value)), 1) || undefined,
  X: decodeJson,
  F: decodeJson,
};

function nonEmpty(fields: Fields): Fields | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function decodeTime(value: bigint | Buffer): string | undefined {
  const [seconds] = readFields(asBytes(value));
  // Go's zero time is the year 1, which is negative.
  const at = seconds?.number === 1 ? asInteger(seconds.value) : 0;
  return at > 0 ? new Date(at * 1_000).toISOString() : undefined;
}

function decodeIntOrString(value: bigint | Buffer): number | string {
  const fields = readFields(asBytes(value));
  const part = (wanted: number): bigint | Buffer =>
    fields.find(({ number }) => number === wanted)?.value ?? 0n;
  return part(1) === 1n ? textAt(fields, 3) : asInteger(part(2));
}

function decodeJson(value: bigint | Buffer): unknown {
  const text = textAt(readFields(asBytes(value)), 1);
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed('a part of it is no valid JSON');
  }
}

function textAt(fields: readonly WireField[], wanted: number): string {
  return asBytes(fields.find(({ number }) => number === wanted)?.value).toString('utf8');
}

function asInteger(value: bigint | Buffer): number {
  return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : 0;
}

function asBytes(value: bigint | Buffer | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

/** The fields of a message as they stand on the wire. */
function readFields(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) break;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformed('it ends too early');
  };
  const block = (length: number): Buffer => {
    if (at + length > bytes.length) throw malformed('it ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = readValue(tag & 7, varint, block);
    fields.push({ number: tag >> 3, value });
  }
  return fields;
}

function readValue(
  wireType: number,
  varint: () => bigint,
  block: (length: number) => Buffer,
): bigint | Buffer {
  switch (wireType) {
    case 0:
      return varint();
    case 1:
      return block(8);
    case 2:
      return block(Number(varint()));
    case 5:
      return block(4);
    default:
      throw malformed(`it has a field of wire type ${wireType}`);
  }
}

function malformed(why: string): Error {
  return badRequest(`the body of the request is no protobuf object: ${why}`);
}
