import type { ApiObject, Fields } from './api-object.ts';
import type { FieldCause } from './api-error.ts';

/** One column of `kubectl get`. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string | undefined;
  readonly description?: string | undefined;
  /** 0 is always shown, anything above only with `-o wide`. */
  readonly priority: number;
  readonly cell: (object: ApiObject, nowMs: number) => unknown;
}

/** Where the scale subresource finds its numbers, as paths of fields. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly labelSelector: readonly string[] | undefined;
}

/** What a resource demands beyond what all have in common. */
export interface ResourceRules {
  /** Fills in what the server adds to a new or changed object before it is validated. */
  readonly complete?: (object: ApiObject, previous: ApiObject | undefined) => ApiObject;
  readonly validate?: (object: ApiObject, previous: ApiObject | undefined) => readonly FieldCause[];
  /** From the form that is stored to the form of this group and version, and back. */
  readonly toServed?: (object: ApiObject) => ApiObject;
  readonly toStored?: (object: ApiObject) => ApiObject;
}

/** One resource of one group and version, built in or declared by a CRD. */
export interface ResourceDefinition {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  /** Where its objects are stored; versions of one resource share it. */
  readonly storage: string;
  /** Declared by a CRD. */
  readonly custom: boolean;
  readonly hasStatus: boolean;
  readonly scale: ScalePaths | undefined;
  readonly hasGeneration: boolean;
  /** Paths that a field selector may name. */
  readonly fieldLabels: readonly string[];
  readonly columns: readonly TableColumn[];
  /** OpenAPI v3 schema; of custom resources the structural one. */
  readonly schema: Fields | undefined;
  readonly rules: ResourceRules;
}

/** `apiVersion` of the objects of a resource. */
export function apiVersionOf(resource: {
  readonly group: string;
  readonly version: string;
}): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Which resources are served now: the built-in ones and those of established CRDs. */
export class ResourceRegistry {
  readonly #byPath = new Map<string, ResourceDefinition>();
  #sequence = 0;

  constructor(builtIn: readonly ResourceDefinition[]) {
    this.add(builtIn);
  }

  /** Grows with each change, so that derived documents know when they are out of date. */
  get sequence(): number {
    return this.#sequence;
  }

  find(group: string, version: string, plural: string): ResourceDefinition | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  all(): ResourceDefinition[] {
    return [...this.#byPath.values()];
  }

  /** The resource of an object, by its apiVersion and kind. */
  ofKind(apiVersion: string, kind: string): ResourceDefinition | undefined {
    return this.all().find(
      (definition) => apiVersionOf(definition) === apiVersion && definition.kind === kind,
    );
  }

  /** One definition per stored resource, for whoever walks over all objects. */
  storages(): ResourceDefinition[] {
    return [...new Map(this.all().map((one) => [one.storage, one])).values()];
  }

  add(definitions: readonly ResourceDefinition[]): void {
    for (const definition of definitions) {
      this.#byPath.set(
        `${definition.group}/${definition.version}/${definition.plural}`,
        definition,
      );
    }
    this.#sequence += 1;
  }

  /** Stops serving a resource in all its versions. */
  removeStorage(storage: string): void {
    for (const [path, definition] of this.#byPath) {
      if (definition.storage === storage) this.#byPath.delete(path);
    }
    this.#sequence += 1;
  }

  /** Groups with their versions, the preferred one first; the core group is called ''. */
  groups(): Map<string, string[]> {
    const groups = new Map<string, string[]>();
    for (const { group, version } of this.#byPath.values()) {
      const versions = groups.get(group) ?? [];
      if (!versions.includes(version)) versions.push(version);
      groups.set(group, versions.toSorted(byVersionPriority));
    }
    return groups;
  }
}

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;

/** Order of preference of Kubernetes API versions: v2, v1, v1beta2, v1beta1, v1alpha1, others. */
export function byVersionPriority(left: string, right: string): number {
  const [a, b] = [rank(left), rank(right)];
  for (const [index, value] of a.entries()) {
    const difference = (b[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return left < right ? -1 : 1;
}

function rank(version: string): number[] {
  const [, major, stage, minor] = VERSION.exec(version) ?? [];
  if (major === undefined) return [0, 0, 0];
  const stageRank = stage === undefined ? 3 : stage === 'beta' ? 2 : 1;
  return [stageRank, Number(major), Number(minor ?? 0)];
}
