import type { KubeClient } from '../cluster/kube-client.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import type { Rendering } from '../kudo/render-template.ts';
import type { OwnerReference } from '../model/kube-object.ts';

import type { TaskPlace } from './fatal-execution.ts';
import type { FindKind } from './find-kind.ts';

/** Expands a KUDO template. */
export type RenderTemplate = (
  name: string,
  template: string,
  variables: Readonly<Record<string, unknown>>,
) => Rendering | Promise<Rendering>;

/** What a task needs to run. */
export interface TaskContext {
  readonly place: TaskPlace;
  readonly instance: Instance;
  readonly templates: Readonly<Record<string, string>>;
  /** `.Params` of templates: every parameter of the OperatorVersion, decoded. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** `.Pipes` of templates: the names of the plan's pipe artefacts by key. */
  readonly pipes: Readonly<Record<string, string>>;
  readonly client: KubeClient;
  readonly render: RenderTemplate;
  readonly findKind: FindKind;
}

/** The Instance as the controller of what its plans apply. */
export function controllerReference({ apiVersion, kind, metadata }: Instance): OwnerReference {
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The part of a task's place that is the same in all plans of an Instance. */
export function instancePlace(
  instance: Instance,
  { spec }: OperatorVersion,
): Omit<TaskPlace, 'planName' | 'planUid' | 'phaseName' | 'stepName' | 'taskName'> {
  return {
    namespace: instance.metadata.namespace ?? '',
    instanceName: instance.metadata.name,
    operatorName: spec?.operator?.name ?? '',
    operatorVersion: spec?.version ?? '',
    appVersion: spec?.appVersion ?? '',
  };
}
