import type { ListOptions, ResourcePath, WriteOptions } from './kube-client.ts';

/** The URL path of a resource, e.g. `/apis/kudo.dev/v1beta1/namespaces/prod/instances/kafka`. */
export function urlPath(path: ResourcePath): string {
  const parts = path.group === '' ? ['api', path.version] : ['apis', path.group, path.version];
  if (path.namespace !== undefined && path.namespace !== '') {
    parts.push('namespaces', path.namespace);
  }
  parts.push(path.plural);
  if (path.name !== undefined) parts.push(path.name);
  if (path.subresource !== undefined) parts.push(path.subresource);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/** The query of a list or of a watch. */
export function listQuery(options: ListOptions): Record<string, string> {
  return withoutUndefined({
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit?.toString(),
    continue: options.continue,
    resourceVersion: options.resourceVersion,
  });
}

/** The query of a create, replace or patch. */
export function writeQuery(options: WriteOptions): Record<string, string> {
  return withoutUndefined({
    fieldManager: options.fieldManager,
    dryRun: options.dryRun === true ? 'All' : undefined,
  });
}

function withoutUndefined(
  query: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
