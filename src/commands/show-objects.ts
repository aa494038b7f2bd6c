import type { KubeClient } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import { suggestionHint } from '../desired/suggest.ts';
import { Failure } from '../lib/failure.ts';
import { withAuthorsOnly } from '../model/field-author.ts';
import { keyOf, type KubeObject } from '../model/kube-object.ts';
import type { CommandContext } from './command-context.ts';
import {
  listText,
  objectPrinter,
  type ObjectPrinter,
  type View,
  type ViewOptions,
} from './object-printer.ts';
import { listAll } from './open-cluster.ts';
import { isStructured } from './output.ts';
import { untilStopped } from './until-stopped.ts';

/** Which objects of a kind are shown, and how. */
export interface Selection extends ViewOptions {
  readonly client: KubeClient;
  /** Only the object of this name. */
  readonly name: string | undefined;
}

/**
 * Prints the objects that `selection` names, and with `watch` what changes, until the scope stops.
 *
 * @throws {Failure} `missing` when there is none of that name
 */
export async function showObjects<T extends KubeObject>(
  view: View<T>,
  selection: Selection,
  context: CommandContext,
): Promise<void> {
  const { client, namespace, name } = selection;
  const path = { ...view.resource, namespace };
  const all = await listAll<T>(client, path, context.scope);
  const found = all
    .filter(({ metadata }) => name === undefined || metadata.name === name)
    .toSorted(view.order);
  if (found.length === 0 && !selection.watch) {
    if (name !== undefined) throw notFound(view, name, all, selection);
    await sayNone(view, selection, context);
    return;
  }
  const printer = objectPrinter(view, found, selection);
  context.out(printer.all(found));
  if (selection.watch) await follow(view, found, selection, { printer, context });
}

async function sayNone<T extends KubeObject>(
  { kind, resource }: View<T>,
  { client, namespace, output }: Selection,
  context: CommandContext,
): Promise<void> {
  if (isStructured(output)) context.out(listText([], output));
  if (namespace === undefined) {
    context.err(`No ${kind}s found.\n`);
    return;
  }
  const others = await client.list(resource, { limit: 1 }, context.scope).catch(() => undefined);
  const hint = (others?.items.length ?? 0) > 0 ? '  → there are some elsewhere: add -A\n' : '';
  context.err(`No ${kind}s found in namespace ${namespace}.\n${hint}`);
}

function notFound<T extends KubeObject>(
  { kind }: View<T>,
  name: string,
  all: readonly T[],
  { namespace }: Selection,
): Failure {
  const where = namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
  const names = all.map(({ metadata }) => metadata.name);
  const there = names.length > 0 ? `there: ${names.slice(0, 5).join(', ')}` : '-A looks everywhere';
  const hint = suggestionHint(name, names) ?? there;
  return new Failure('missing', `there is no ${kind} ${name} in ${where}`, { hint });
}

async function follow<T extends KubeObject>(
  { resource }: View<T>,
  seen: readonly T[],
  { client, namespace, name }: Selection,
  { printer, context }: { readonly printer: ObjectPrinter<T>; readonly context: CommandContext },
): Promise<void> {
  const { scope } = context;
  const cache = new ObjectCache<T>(
    { client, path: { ...resource, namespace } },
    { keepManagedFields: withAuthorsOnly },
  );
  const versions = new Map(seen.map((object) => [keyOf(object), object.metadata.resourceVersion]));
  cache.onChange((key, object) => {
    if (!object || (name !== undefined && object.metadata.name !== name)) return;
    if (versions.get(key) === object.metadata.resourceVersion) return;
    versions.set(key, object.metadata.resourceVersion);
    context.out(printer.one(object));
  });
  cache.start(scope);
  await untilStopped(scope);
}
