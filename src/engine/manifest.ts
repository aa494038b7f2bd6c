import type { KubeObject } from '../model/kube-object.ts';
import type { JsonObject } from './json-object.ts';

/** A Kubernetes object that a template made: an object with apiVersion, kind and a name. */
export type Manifest = KubeObject & JsonObject;

/** `apps/v1` in its two halves; core objects have an empty group. */
export function groupVersionOf(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** `apps/v1, Kind=Deployment`, as Go prints a GroupVersionKind. */
export function gvkText({ apiVersion, kind }: KubeObject): string {
  const { group, version } = groupVersionOf(apiVersion);
  return `${group}/${version}, Kind=${kind}`;
}
