/**
 * A Go type as encoding/json sees it. `coerced: false` marks text that sigs.k8s.io/yaml does not
 * convert from numbers and booleans: fields behind an embedded struct.
 */
export type GoShape =
  | {
      readonly kind: 'scalar';
      readonly type: 'string' | 'boolean' | 'integer';
      readonly coerced?: false;
    }
  | { readonly kind: 'any' }
  | { readonly kind: 'pointer'; readonly to: GoShape }
  | { readonly kind: 'list'; readonly of: GoShape }
  | { readonly kind: 'map'; readonly of: GoShape }
  | { readonly kind: 'struct'; readonly fields: Readonly<Record<string, GoField>> };

export interface GoField {
  readonly shape: GoShape;
  readonly omitEmpty: boolean;
}

/** A field that is left out when empty. */
export const optional = (shape: GoShape): GoField => ({ shape, omitEmpty: true });

/** A field that is always written. */
export const always = (shape: GoShape): GoField => ({ shape, omitEmpty: false });

/** Where a value does not fit its type, or a field is not known. */
export interface ShapeFinding {
  readonly path: readonly (string | number)[];
  readonly kind: 'mismatch' | 'unknown-field';
  readonly message: string;
}

/** A value of the type that nothing was read into. */
export function zeroOf(shape: GoShape): unknown {
  switch (shape.kind) {
    case 'scalar':
      return ZEROS[shape.type];
    case 'struct':
      return Object.fromEntries(
        Object.entries(shape.fields).map(([name, field]) => [name, zeroOf(field.shape)]),
      );
    case 'any':
    case 'pointer':
    case 'list':
    case 'map':
      return null;
  }
}

const ZEROS = { string: '', boolean: false, integer: 0 } as const;

/** A value of the type as encoding/json writes it; nothing for a field that is left out. */
export function encodeShape(shape: GoShape, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (shape.kind) {
    case 'pointer':
      return encodeShape(shape.to, value);
    case 'list':
      return (value as unknown[]).map((item) => encodeShape(shape.of, item));
    case 'map':
      return mapValues(value as Record<string, unknown>, (item) => encodeShape(shape.of, item));
    case 'struct':
      return encodeFields(shape.fields, value as Record<string, unknown>);
    case 'scalar':
    case 'any':
      return value;
  }
}

function encodeFields(
  fields: Readonly<Record<string, GoField>>,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name, { omitEmpty, shape }]) => !omitEmpty || !isEmpty(shape, value[name]))
      .map(([name, { shape }]) => [name, encodeShape(shape, value[name])]),
  );
}

function isEmpty(shape: GoShape, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (shape.kind === 'scalar') return value === ZEROS[shape.type];
  const isCollection = shape.kind === 'list' || shape.kind === 'map';
  return isCollection && Object.keys(value).length === 0;
}

function mapValues(
  map: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
