import type { PolicyRule } from '../../src/cluster/required-rules.ts';

/** A request as a server has recorded it. */
interface Recorded {
  readonly method: string;
  /** With the query. */
  readonly path: string;
}

interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
}

/** The requests that an API server with nothing but `rules` would answer with 403, each once, as `patch apps/deployments/x`. */
export function refusedBy(
  rules: readonly PolicyRule[],
  requests: readonly Recorded[],
): readonly string[] {
  const refused = requests
    .map(attributesOf)
    .filter((one) => one !== undefined)
    .filter((one) => !rules.some((rule) => allows(rule, one)))
    .map(({ verb, group, resource, name }) => `${verb} ${group}/${resource}/${name}`);
  return [...new Set(refused)];
}

function allows(rule: PolicyRule, { verb, group, resource, name }: Attributes): boolean {
  const isNamed = rule.resourceNames === undefined || rule.resourceNames.includes(name);
  const isKind = rule.apiGroups.includes(group) && rule.resources.includes(resource);
  return isNamed && isKind && rule.verbs.includes(verb);
}

/** Undefined for what everybody may ask: `/version`, `/apis` and the like. */
function attributesOf({ method, path }: Recorded): Attributes | undefined {
  const url = new URL(path, 'https://server');
  const [root, ...parts] = url.pathname.split('/').filter((part) => part !== '');
  const group = root === 'apis' ? (parts.shift() ?? '') : '';
  parts.shift();
  if (parts[0] === 'namespaces' && parts.length > 2) parts.splice(0, 2);
  const [plural, name = '', subresource] = parts;
  if ((root !== 'api' && root !== 'apis') || plural === undefined) return undefined;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  return { verb: verbOf(method, name, url.searchParams), group, resource, name };
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  if (method === 'GET' && query.has('watch')) return 'watch';
  if (method === 'GET') return name === '' ? 'list' : 'get';
  if (method === 'POST') return 'create';
  if (method === 'PUT') return 'update';
  return method.toLowerCase();
}
