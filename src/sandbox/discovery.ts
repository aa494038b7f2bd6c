import type { Fields } from './api-object.ts';
import {
  apiVersionOf,
  type ResourceDefinition,
  type ResourceRegistry,
} from './resource-registry.ts';

/** Kubernetes' version that the sandbox behaves like. */
export const VERSION: Fields = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0-sandbox',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'sandbox',
};

/** `/api` and `/apis` and the resource lists below them; undefined for any other path. */
export function discoveryDocument(path: string, registry: ResourceRegistry): Fields | undefined {
  const [root, group, version, ...rest] = path.split('/').filter((part) => part !== '');
  if (rest.length > 0) return undefined;
  if (root === 'api') {
    if (group === undefined) return coreVersions();
    return group === 'v1' && version === undefined ? resourceList('', 'v1', registry) : undefined;
  }
  if (root !== 'apis') return undefined;
  if (group === undefined) return groupList(registry);
  if (version === undefined) return groupDocument(group, registry);
  return resourceList(group, version, registry);
}

function coreVersions(): Fields {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [],
  };
}

function groupList(registry: ResourceRegistry): Fields {
  const groups = [...registry.groups()]
    .filter(([group]) => group !== '')
    .map(([group, versions]) => groupOf(group, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

function groupDocument(group: string, registry: ResourceRegistry): Fields | undefined {
  const versions = registry.groups().get(group);
  if (versions === undefined || group === '') return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, versions) };
}

function groupOf(group: string, versions: readonly string[]): Fields {
  const all = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: all, preferredVersion: all[0] };
}

function resourceList(
  group: string,
  version: string,
  registry: ResourceRegistry,
): Fields | undefined {
  const definitions = registry
    .all()
    .filter((one) => one.group === group && one.version === version);
  if (definitions.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: definitions.flatMap(resourcesOf),
  };
}

function resourcesOf(definition: ResourceDefinition): Fields[] {
  const { plural, singular, kind, namespaced, verbs, shortNames, categories } = definition;
  const subresource = (name: string, rest: Fields = {}): Fields => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind,
    verbs: ['get', 'patch', 'update'],
    ...rest,
  });
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length === 0 ? {} : { shortNames }),
      ...(categories.length === 0 ? {} : { categories }),
    },
    ...(definition.hasStatus ? [subresource('status')] : []),
    ...(definition.scale === undefined ? [] : [subresource('scale', scale)]),
  ];
}
