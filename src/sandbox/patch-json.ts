import { fieldsOf, isFields, isSame, textOf, type Fields } from './api-object.ts';

/** A JSON patch that is malformed or does not fit the object. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
}

const MAX_OPERATIONS = 10_000;

/**
 * JSON patch (RFC 6902) on a copy of `target`. Throws {@link JsonPatchError} when an operation
 * cannot be carried out or a `test` fails; the target is then as it was.
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new JsonPatchError('a JSON patch is a list of operations');
  if (patch.length > MAX_OPERATIONS) {
    throw new JsonPatchError(
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  }
  const operations: readonly unknown[] = patch;
  return operations.reduce(
    (document, operation) => applyOperation(document, fieldsOf(operation)),
    structuredClone(target),
  );
}

function applyOperation(document: unknown, operation: Fields): unknown {
  const path = pointer(operation['path']);
  switch (operation['op']) {
    case 'add':
      return put(document, path, valueOf(operation), 'add');
    case 'replace':
      read(document, path);
      return put(document, path, valueOf(operation), 'replace');
    case 'remove':
      return remove(document, path);
    case 'test':
      return test(document, path, operation['value'] ?? null);
    case 'copy':
      return put(document, path, structuredClone(read(document, from(operation))), 'add');
    case 'move': {
      const moved = read(document, from(operation));
      return put(remove(document, from(operation)), path, moved, 'add');
    }
    default:
      throw new JsonPatchError(`Unexpected kind: ${textOf(operation['op'])}`);
  }
}

function test(document: unknown, path: readonly string[], wanted: unknown): unknown {
  const found = find(document, path);
  if (!isSame(found ?? null, wanted)) {
    throw new JsonPatchError(`testing value /${path.join('/')} failed: test failed`);
  }
  return document;
}

function from(operation: Fields): readonly string[] {
  return pointer(operation['from']);
}

function valueOf(operation: Fields): unknown {
  if (!('value' in operation)) throw new JsonPatchError('an operation lacks its "value"');
  return operation['value'];
}

function pointer(path: unknown): readonly string[] {
  if (typeof path !== 'string') throw new JsonPatchError('an operation lacks its "path"');
  if (path === '') return [];
  if (!path.startsWith('/')) throw new JsonPatchError(`the path "${path}" does not begin with "/"`);
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function find(document: unknown, path: readonly string[]): unknown {
  let here = document;
  for (const part of path) here = child(here, part);
  return here;
}

function child(parent: unknown, part: string): unknown {
  if (Array.isArray(parent)) return (parent as unknown[])[index(part, parent.length - 1)];
  return isFields(parent) && Object.hasOwn(parent, part) ? parent[part] : undefined;
}

function read(document: unknown, path: readonly string[]): unknown {
  const found = find(document, path);
  if (found === undefined) throw missing(path);
  return found;
}

function put(
  document: unknown,
  path: readonly string[],
  value: unknown,
  how: 'add' | 'replace',
): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = find(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const at = last === '-' ? parent.length : index(last, parent.length);
    parent.splice(at, how === 'add' ? 0 : 1, value);
  } else if (isFields(parent)) {
    Object.defineProperty(parent, last, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else throw missing(path);
  return document;
}

function remove(document: unknown, path: readonly string[]): unknown {
  read(document, path);
  const last = path.at(-1);
  const parent = find(document, path.slice(0, -1));
  if (last === undefined) return null;
  if (Array.isArray(parent)) parent.splice(index(last, parent.length - 1), 1);
  else if (isFields(parent)) Reflect.deleteProperty(parent, last);
  return document;
}

function index(part: string, max: number): number {
  const at = /^(0|[1-9]\d*)$/.test(part) ? Number(part) : -1;
  if (at < 0 || at > max) throw new JsonPatchError(`Unable to access invalid index: ${part}`);
  return at;
}

function missing(path: readonly string[]): JsonPatchError {
  return new JsonPatchError(`doc is missing path: "/${path.join('/')}": missing value`);
}
