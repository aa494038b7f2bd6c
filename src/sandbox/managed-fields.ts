import type { ManagedFieldsEntry } from '../model/kube-object.ts';
import { fieldsOf, isFields, isSame, withMeta, type ApiObject, type Fields } from './api-object.ts';

/** Who writes: the key of an entry of `metadata.managedFields`. */
export interface FieldWriter {
  readonly manager: string;
  readonly operation: 'Update' | 'Apply';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

/** Nobody owns these: they are the server's. */
const SYSTEM_META = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
  'generateName',
];

/**
 * `next` with its managedFields brought up to date for an update by `writer`: whatever it changed or
 * added is its own from now on and nobody else's, whatever is gone is nobody's. Lists have one owner
 * as a whole (a real server goes into lists that have keys).
 */
export function withManagedFields(
  next: ApiObject,
  previous: ApiObject | undefined,
  writer: FieldWriter,
  time: string,
): ApiObject {
  const owned = fieldsOwned(next);
  const changed = changedFields(fieldsOwned(previous), owned);
  const before = previous?.metadata.managedFields ?? [];
  const kept = before.flatMap((entry) => {
    const fields = entry.fieldsV1 ?? {};
    const isOurs = isWriter(entry, writer);
    const fieldsV1 = existing(isOurs ? union(fields, changed) : without(fields, changed), owned);
    if (Object.keys(fieldsV1).length === 0) return [];
    return isOurs && !isSame(fieldsV1, fields)
      ? [{ ...entry, fieldsV1, time }]
      : [{ ...entry, fieldsV1 }];
  });
  const isNew = !before.some((entry) => isWriter(entry, writer)) && Object.keys(changed).length > 0;
  const entries = isNew ? [...kept, newEntry(writer, changed, time)] : kept;
  return withMeta(next, { managedFields: entries.length === 0 ? undefined : entries });
}

function isWriter(entry: ManagedFieldsEntry, writer: FieldWriter): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === writer.operation &&
    entry.apiVersion === writer.apiVersion &&
    entry.subresource === writer.subresource
  );
}

function newEntry(writer: FieldWriter, fieldsV1: Fields, time: string): ManagedFieldsEntry {
  const { manager, operation, apiVersion, subresource } = writer;
  return {
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function fieldsOwned(object: Fields | undefined): Fields {
  if (object === undefined) return {};
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  const meta = Object.fromEntries(
    Object.entries(fieldsOf(metadata)).filter(([name]) => !SYSTEM_META.includes(name)),
  );
  return Object.keys(meta).length === 0 ? rest : { ...rest, metadata: meta };
}

/** What differs in `after`, as a tree; `.` stands for an object that was not there before. */
function changedFields(before: Fields, after: Fields): Fields {
  const tree: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(after)) {
    const old = before[name];
    if (isSame(old, value)) continue;
    if (!isFields(value) || Object.keys(value).length === 0) tree[`f:${name}`] = {};
    else {
      const below = changedFields(fieldsOf(old), value);
      const isNew = !isFields(old);
      if (isNew || Object.keys(below).length > 0) {
        tree[`f:${name}`] = isNew && isNested(name) ? { '.': {}, ...below } : below;
      }
    }
  }
  return tree;
}

/** `spec`, `status` and `metadata` themselves are owned by nobody. */
function isNested(name: string): boolean {
  return name !== 'spec' && name !== 'status' && name !== 'metadata';
}

function union(left: Fields, right: Fields): Fields {
  const result: Record<string, unknown> = { ...left };
  for (const [name, below] of Object.entries(right)) {
    result[name] = union(fieldsOf(left[name]), fieldsOf(below));
  }
  return result;
}

/** `left` without the leaves of `right`. */
function without(left: Fields, right: Fields): Fields {
  const result: Record<string, unknown> = {};
  for (const [name, below] of Object.entries(left)) {
    const taken = right[name];
    if (taken === undefined) result[name] = below;
    else if (Object.keys(fieldsOf(below)).length > 0) {
      const kept = without(fieldsOf(below), fieldsOf(taken));
      if (Object.keys(kept).length > 0) result[name] = kept;
    }
  }
  return result;
}

/** `tree` without the fields that `object` does not have (any more). */
function existing(tree: Fields, object: Fields): Fields {
  const result: Record<string, unknown> = {};
  for (const [name, below] of Object.entries(tree)) {
    const isField = name.startsWith('f:');
    const value = object[name.slice(2)];
    if (isField && value === undefined) continue;
    const kept = isField && isFields(value) ? existing(fieldsOf(below), value) : below;
    const isEmptied =
      Object.keys(fieldsOf(kept)).length < Math.min(1, Object.keys(fieldsOf(below)).length);
    if (!isEmptied) result[name] = kept;
  }
  return result;
}
