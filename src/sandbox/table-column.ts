import { fieldsOf, valueAt, type ApiObject } from './api-object.ts';
import { humanAge } from './human-age.ts';
import type { TableColumn } from './resource-registry.ts';

export type Cell = TableColumn['cell'];

export const name: TableColumn = column('Name', (object) => object.metadata.name, {
  format: 'name',
});

export const age: TableColumn = column('Age', (object, nowMs) =>
  humanAge(object.metadata.creationTimestamp, nowMs),
);

/** A column with a title, shown always unless `priority` says otherwise. */
export function column(
  title: string,
  cell: Cell,
  rest: Partial<Pick<TableColumn, 'type' | 'priority' | 'format'>> = {},
): TableColumn {
  return { name: title, type: 'string', priority: 0, ...rest, cell };
}

/** The text or number at a path, or `<none>`. */
export function text(...path: readonly string[]): Cell {
  return (object) => scalar(valueAt(object, ...path)) || '<none>';
}

/** A text or number as text, anything else as none. */
export function scalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The number at a path, or 0. */
export function number(object: ApiObject, ...path: readonly string[]): number {
  const value = valueAt(object, ...path);
  return typeof value === 'number' ? value : 0;
}

/** How many entries some maps have together. */
export function count(...fields: readonly string[]): Cell {
  return (object) =>
    fields.reduce((sum, field) => sum + Object.keys(fieldsOf(object[field])).length, 0);
}

/** Labels as `a=b,c=d`, or `<none>`. */
export function labelsText(labels: unknown): string {
  const pairs = Object.entries(fieldsOf(labels)).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.join(',') || '<none>';
}
