import type { Target } from './api-context.ts';
import { pathNotFound } from './api-error.ts';
import type { ResourceRegistry } from './resource-registry.ts';

/** What a path of the API asks for; `undefined` when it is no path of a resource. */
export function parseTarget(path: string, registry: ResourceRegistry): Target | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const [root] = parts;
  if (root !== 'api' && root !== 'apis') return undefined;
  const [group = '', version = '', ...rest] =
    root === 'api' ? ['', ...parts.slice(1)] : parts.slice(1);
  if (rest.length === 0) return undefined;
  return (
    inNamespace({ group, version, rest }, registry) ?? ofCluster({ group, version, rest }, registry)
  );
}

interface Split {
  readonly group: string;
  readonly version: string;
  /** What follows the version. */
  readonly rest: readonly string[];
}

const MAX_NAMESPACED = 5;
const MAX_CLUSTER = 3;

/** `namespaces/<namespace>/<plural>[/<name>[/<subresource>]]` */
function inNamespace(
  { group, version, rest }: Split,
  registry: ResourceRegistry,
): Target | undefined {
  const [root, namespace, plural = '', name, subresource] = rest;
  if (root !== 'namespaces' || rest.length < 3 || rest.length > MAX_NAMESPACED) return undefined;
  const definition = registry.find(group, version, plural);
  if (definition?.namespaced !== true) return undefined;
  return { definition, namespace, name, subresource };
}

/** `<plural>[/<name>[/<subresource>]]`; namespaced resources only as a whole. */
function ofCluster({ group, version, rest }: Split, registry: ResourceRegistry): Target {
  const [plural = '', name, subresource] = rest;
  const definition = registry.find(group, version, plural);
  if (definition === undefined || rest.length > MAX_CLUSTER) throw pathNotFound();
  if (definition.namespaced && name !== undefined) throw pathNotFound();
  return { definition, namespace: undefined, name, subresource };
}
