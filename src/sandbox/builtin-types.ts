import types from './builtin-types.json' with { type: 'json' };

/**
 * The type of a field of a built-in kind: `s` string, `b` boolean, `i` integer, `d` number, `y` bytes
 * (base64), `T` and `U` times, `I` integer or string, `Q` quantity, `X` and `F` anything, or the name
 * of a message; after `[]` a list of it, after `{}` a map from strings to it.
 */
export type FieldType = string;

/** One field of a message. */
export interface MessageField {
  readonly name: string;
  /** Its number in protobuf. */
  readonly number: number;
  readonly type: FieldType;
  /** Its own fields stand in the JSON of the message around it. */
  readonly isInline: boolean;
}

const messages = new Map<string, readonly MessageField[]>();

/** The fields of a message; undefined when there is no such message. */
export function messageFields(name: string): readonly MessageField[] | undefined {
  const known = messages.get(name);
  if (known !== undefined) return known;
  const declared = (types.types as unknown as Readonly<Record<string, Declared>>)[name];
  if (declared === undefined) return undefined;
  const fields = Object.entries(declared).map(([field, [number, type]]) => ({
    name: field.replace('~', ''),
    number,
    type,
    isInline: field.startsWith('~'),
  }));
  messages.set(name, fields);
  return fields;
}

type Declared = Readonly<Record<string, readonly [number: number, type: FieldType]>>;

/** The message of a kind, e.g. of `apps/v1` and `Deployment`; undefined when it is not built in. */
export function messageOfKind(apiVersion: string, kind: string): string | undefined {
  if (kind === 'DeleteOptions') return 'meta.v1.DeleteOptions';
  const group = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  return (types.kinds as Readonly<Record<string, string>>)[`${group}/${kind}`];
}
