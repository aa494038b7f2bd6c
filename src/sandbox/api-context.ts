import type { Scope } from '../lib/scope.ts';
import type { ApiObject } from './api-object.ts';
import type { FieldWriter } from './managed-fields.ts';
import type { ResourceDefinition, ResourceRegistry } from './resource-registry.ts';
import { apiVersionOf } from './resource-registry.ts';
import type { ObjectStore } from './store.ts';

/** Everything that a request needs of the server. */
export interface Api {
  readonly store: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly admit: AdmissionReviewer;
  readonly scope: Scope;
}

/** What a request is about. `name` is absent for a collection. */
export interface Target {
  readonly definition: ResourceDefinition;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** A target with a name. */
export interface ObjectTarget extends Target {
  readonly name: string;
}

export type AdmissionOperation = 'CREATE' | 'UPDATE';

/** One write that webhooks are asked about. */
export interface AdmissionRequest {
  readonly operation: AdmissionOperation;
  readonly target: Target;
  readonly object: ApiObject;
  readonly oldObject: ApiObject | undefined;
  readonly actor: Actor;
}

/** The object as the webhooks want it; throws what the client is told when one refuses. */
export type AdmissionReviewer = (request: AdmissionRequest, api: Api) => Promise<ApiObject>;

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** Who writes, and how. */
export interface Actor {
  readonly userName: string;
  readonly fieldManager: string;
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** Receives what a client ought to be told beside the answer. */
  readonly warn: (text: string) => void;
}

/** The writer of a request, as managedFields know it. */
export function writerOf(
  actor: Actor,
  { definition, subresource }: Pick<Target, 'definition' | 'subresource'>,
): FieldWriter {
  return {
    manager: actor.fieldManager,
    operation: 'Update',
    apiVersion: apiVersionOf(definition),
    subresource,
  };
}

/** An actor inside the server, e.g. one of its controllers. */
export function internalActor(fieldManager: string): Actor {
  return {
    userName: `system:${fieldManager}`,
    fieldManager,
    dryRun: false,
    fieldValidation: 'Ignore',
    warn: () => undefined,
  };
}

/** The server's time as it stands in metadata: RFC 3339 with whole seconds. */
export function timestamp({ scope }: Pick<Api, 'scope'>): string {
  return `${new Date(scope.clock.now()).toISOString().slice(0, 19)}Z`;
}
