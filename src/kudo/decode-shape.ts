import { formatGoFloat } from '../lib/go-yaml-float.ts';
import { resolveGoScalar } from '../lib/go-yaml-scalar.ts';
import type { YamlDocument } from '../lib/go-yaml.ts';
import { zeroOf, type GoField, type GoShape, type ShapeFinding } from './go-shape.ts';

type Path = readonly (string | number)[];

/**
 * Reads a YAML document into a Go type as sigs.k8s.io/yaml's Unmarshal does: numbers and booleans
 * become text where text is wanted, null leaves a value empty, and names of fields match without
 * regard to case. Fields that the type does not have are findings, though KUDO overlooks them.
 */
export function decodeShape(
  shape: GoShape,
  document: YamlDocument,
): { readonly value: unknown; readonly findings: readonly ShapeFinding[] } {
  const decoder = new ShapeDecoder(document);
  const value = decoder.decode(shape, document.value, []);
  return { value, findings: decoder.findings };
}

class ShapeDecoder {
  readonly findings: ShapeFinding[] = [];
  readonly #document: YamlDocument;

  constructor(document: YamlDocument) {
    this.#document = document;
  }

  decode(shape: GoShape, value: unknown, path: Path): unknown {
    if (value === null || value === undefined) return zeroOf(shape);
    switch (shape.kind) {
      case 'pointer':
        return this.decode(shape.to, value, path);
      case 'any':
        return value;
      case 'struct':
        return this.#struct(shape.fields, value, path);
      case 'list':
        return this.#list(shape.of, value, path);
      case 'map':
        return this.#map(shape.of, value, path);
      case 'scalar':
        return shape.type === 'string'
          ? this.#string(shape.coerced !== false, value, path)
          : this.#plain(shape.type, value, path);
    }
  }

  #struct(fields: Readonly<Record<string, GoField>>, value: unknown, path: Path): unknown {
    const struct = zeroOf({ kind: 'struct', fields }) as Record<string, unknown>;
    if (!isObject(value)) return this.#mismatch('a mapping', value, path, struct);
    const names = Object.keys(fields);
    for (const key of Object.keys(value).toSorted()) {
      const name =
        names.find((known) => known === key) ?? names.find((known) => sameFold(known, key));
      const field = name === undefined ? undefined : fields[name];
      const at = [...path, key];
      if (name === undefined || field === undefined) this.#unknownField(key, names, at);
      else if (value[key] !== null) struct[name] = this.decode(field.shape, value[key], at);
    }
    return struct;
  }

  #list(of: GoShape, value: unknown, path: Path): unknown {
    if (!Array.isArray(value)) return this.#mismatch('a list', value, path, null);
    return value.map((item, index) => this.decode(of, item, [...path, index]));
  }

  #map(of: GoShape, value: unknown, path: Path): unknown {
    if (!isObject(value)) return this.#mismatch('a mapping', value, path, null);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.decode(of, item, [...path, key])]),
    );
  }

  #string(coerced: boolean, value: unknown, path: Path): unknown {
    if (typeof value === 'string') return value;
    if (coerced && typeof value === 'boolean') return String(value);
    if (coerced && typeof value === 'number') return this.#numberText(value, path);
    return this.#mismatch('text', value, path, '');
  }

  /** Whole numbers keep their digits; others go through a 32-bit float, as sigs.k8s.io/yaml does. */
  #numberText(value: number, path: Path): string {
    const scalar = resolveGoScalar(this.#document.textOf(path) ?? '');
    return scalar.kind === 'integer' ? String(scalar.value) : formatGoFloat(value, 32);
  }

  #plain(type: 'boolean' | 'integer', value: unknown, path: Path): unknown {
    const fits = type === 'boolean' ? typeof value === 'boolean' : Number.isInteger(value);
    if (fits) return value;
    const wanted = type === 'boolean' ? 'true or false' : 'a whole number';
    return this.#mismatch(wanted, value, path, zeroOf({ kind: 'scalar', type }));
  }

  #mismatch(wanted: string, value: unknown, path: Path, zero: unknown): unknown {
    const what = path.length === 0 ? 'the file' : String(path.at(-1));
    const message = `${what} must be ${wanted}, not ${kindOf(value)}`;
    this.findings.push({ path, kind: 'mismatch', message });
    return zero;
  }

  #unknownField(key: string, names: readonly string[], path: Path): void {
    const message = `unknown field ${key}; known here are ${names.join(', ')}`;
    this.findings.push({ path, kind: 'unknown-field', message });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameFold(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
};

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'a list' : (KINDS[typeof value] ?? 'a mapping');
}
