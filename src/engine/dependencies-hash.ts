import { createHash } from 'node:crypto';
import { jsonOrUndefined } from '../lib/json-or-undefined.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { LAST_APPLIED } from './enhance-manifest.ts';
import { isJsonObject, valueAt, type JsonObject } from './json-object.ts';
import type { Manifest } from './manifest.ts';

/** A ConfigMap or Secret that a pod template reads. */
export interface Dependency {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
}

/**
 * What the pod template of `manifest` reads through volumes and imagePullSecrets, in a fixed order
 * (renderer/dependencies.go:83-110, 250-264). Variables taken from ConfigMaps do not count: KUDO
 * does not look at them.
 */
export function dependenciesOf(manifest: Manifest): readonly Dependency[] {
  const specs = [
    ['spec', 'template', 'spec'],
    ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ].map((path) => valueAt(manifest, path));
  const dependencies = specs.flatMap((spec) => [
    ...namesIn(spec, 'imagePullSecrets', ['name']).map(secret),
    ...namesIn(spec, 'volumes', ['configMap', 'name']).map(configMap),
    ...namesIn(spec, 'volumes', ['secret', 'secretName']).map(secret),
  ]);
  return dependencies.toSorted(
    (left, right) => compare(left.kind, right.kind) || compare(left.name, right.name),
  );
}

/** One hash over what the dependencies hold; undefined stands for one that is missing or not to be counted. */
export function dependenciesHash(contents: readonly (string | undefined)[]): string {
  const hash = createHash('md5');
  for (const content of contents)
    hash.update(
      content === undefined ? Buffer.alloc(16) : createHash('md5').update(content).digest(),
    );
  return hash.digest('hex');
}

const SKIP = 'kudo.dev/skip-hash-calculation';

/**
 * The part of a ConfigMap or Secret that matters to its readers, as text: no annotations, owners or
 * other metadata that change by themselves. What KUDO applied last counts, not what the API server
 * made of it. Undefined when its author excluded it.
 */
export function countedContent(object: KubeObject): string | undefined {
  const applied = appliedLast(object) ?? object;
  if (applied.metadata.annotations?.[SKIP] !== undefined) return undefined;
  const { apiVersion: _version, kind: _kind, metadata, ...content } = applied;
  return JSON.stringify(sorted({ ...content, name: metadata.name, labels: metadata.labels ?? {} }));
}

function appliedLast(object: KubeObject): KubeObject | undefined {
  const text = object.metadata.annotations?.[LAST_APPLIED];
  const parsed = text === undefined ? undefined : jsonOrUndefined(text);
  const isObject = isJsonObject(parsed) && isJsonObject(parsed['metadata']);
  return isObject ? (parsed as unknown as KubeObject) : undefined;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => compare(left, right));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function namesIn(spec: unknown, list: string, path: readonly string[]): readonly string[] {
  const items = isJsonObject(spec) ? spec[list] : undefined;
  if (!Array.isArray(items)) return [];
  return items
    .map((item: JsonObject) => valueAt(item, path))
    .filter((name): name is string => typeof name === 'string');
}

function secret(name: string): Dependency {
  return { kind: 'Secret', name };
}

function configMap(name: string): Dependency {
  return { kind: 'ConfigMap', name };
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
