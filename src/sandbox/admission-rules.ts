import type { AdmissionOperation, Target } from './api-context.ts';
import { fieldsOf, listOf, type ApiObject, type Fields } from './api-object.ts';
import { labelSelectorMatches } from './selectors.ts';

/** Whether a webhook's rules name this operation on this resource; subresources only when listed. */
export function rulesMatch(
  webhook: Fields,
  operation: AdmissionOperation,
  target: Target,
): boolean {
  const { group, version, plural, namespaced } = target.definition;
  const resource = target.subresource === undefined ? plural : `${plural}/${target.subresource}`;
  return listOf(webhook['rules'])
    .map(fieldsOf)
    .some(
      (rule) =>
        names(rule['operations'], operation) &&
        names(rule['apiGroups'], group) &&
        names(rule['apiVersions'], version) &&
        listOf(rule['resources']).some((one) => resourceMatches(String(one), resource)) &&
        scopeMatches(rule['scope'], namespaced),
    );
}

function names(list: unknown, wanted: string): boolean {
  return listOf(list).some((one) => one === '*' || one === wanted);
}

function resourceMatches(pattern: string, resource: string): boolean {
  if (pattern === '*/*' || pattern === resource) return true;
  const [wantedName, wantedSub] = pattern.split('/');
  const [name, sub] = resource.split('/');
  const isName = wantedName === '*' || wantedName === name;
  const isSub = wantedSub === '*' || wantedSub === sub;
  return isName && isSub;
}

function scopeMatches(scope: unknown, namespaced: boolean): boolean {
  return scope === undefined || scope === '*' || (scope === 'Namespaced') === namespaced;
}

/** Whether a webhook's namespaceSelector and objectSelector admit these objects. */
export function selectorsMatch(
  webhook: Fields,
  namespace: ApiObject | undefined,
  objects: readonly (ApiObject | undefined)[],
): boolean {
  const { namespaceSelector, objectSelector } = webhook;
  const isNamespace =
    namespaceSelector === undefined ||
    namespace === undefined ||
    labelSelectorMatches(namespaceSelector, namespace.metadata.labels ?? {});
  const isObject =
    objectSelector === undefined ||
    objects.some(
      (object) =>
        object !== undefined && labelSelectorMatches(objectSelector, object.metadata.labels ?? {}),
    );
  return isNamespace && isObject;
}
