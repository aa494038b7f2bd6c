import type { Resource } from '../cluster/kube-client.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { NAMESPACE } from './get-columns.ts';
import { isStructured, structured } from './output.ts';
import { type Column, Table } from './table.ts';

/** One kind of object and how it is shown. */
export interface View<T extends KubeObject> {
  readonly kind: 'sync' | 'rollout' | 'instance';
  readonly resource: Resource;
  readonly columns: readonly Column<T>[];
  /** As the object may be shown whole. */
  readonly shown: (object: T) => T;
  readonly order: (a: T, b: T) => number;
}

export interface ViewOptions {
  /** Undefined for every namespace. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly output: 'table' | 'wide' | 'json' | 'yaml' | 'name';
  readonly watch: boolean;
}

/** Texts, each with its line ends: of a first list of objects, and of one that came or changed later. */
export interface ObjectPrinter<T> {
  all(objects: readonly T[]): string;
  one(object: T): string;
}

/** How objects are printed; `first` decides the widths of a table. */
export function objectPrinter<T extends KubeObject>(
  view: View<T>,
  first: readonly T[],
  options: ViewOptions,
): ObjectPrinter<T> {
  const { output } = options;
  if (isStructured(output)) return structuredPrinter(view, output, options);
  if (output === 'name') return namePrinter(view);
  const table = new Table<T>(columnsOf(view, options), first, output === 'wide');
  return {
    one: (object) => table.row(object),
    all: (objects) => [table.header, ...objects.map((object) => table.row(object))].join(''),
  };
}

function structuredPrinter<T extends KubeObject>(
  { shown }: View<T>,
  format: 'json' | 'yaml',
  { watch, name }: ViewOptions,
): ObjectPrinter<T> {
  const separator = format === 'yaml' ? '---\n' : '';
  const one = (object: T): string => `${separator}${structured(shown(object), format)}`;
  const all = (objects: readonly T[]): string => {
    if (watch) return objects.map(one).join('');
    const [only] = objects;
    if (only && name !== undefined && objects.length === 1) return structured(shown(only), format);
    return listText(objects.map(shown), format);
  };
  return { all, one };
}

function namePrinter<T extends KubeObject>({ kind, resource }: View<T>): ObjectPrinter<T> {
  const one = ({ metadata }: T): string => `${kind}.${resource.group}/${metadata.name}\n`;
  return { one, all: (objects) => objects.map(one).join('') };
}

function columnsOf<T extends KubeObject>(
  { columns, kind }: View<T>,
  { namespace }: ViewOptions,
): readonly Column<T>[] {
  return namespace === undefined && kind !== 'instance' ? [NAMESPACE, ...columns] : columns;
}

/** Several objects as `kubectl get -o` prints them. */
export function listText(items: readonly KubeObject[], format: 'json' | 'yaml'): string {
  return structured({ apiVersion: 'v1', kind: 'List', items }, format);
}
