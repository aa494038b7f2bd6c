import type { Api } from './api-context.ts';
import { timestamp } from './api-context.ts';
import type { ApiObject } from './api-object.ts';
import { runController } from './controller.ts';
import { crdController } from './crd-controller.ts';
import { garbageCollector } from './garbage-collector.ts';
import { namespaceController } from './namespace-controller.ts';
import { OwnerIndex } from './owner-index.ts';
import { startWorkloads, type WorkloadOptions } from './workloads.ts';

/** How the controllers of the server behave. */
export type ControllerOptions = WorkloadOptions;

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kudo-system'];

/** Starts what lives in a real cluster beside its API server, and makes the namespaces there are. */
export function startControllers(options: ControllerOptions, api: Api): void {
  const owners = new OwnerIndex();
  api.store.subscribe((event) => {
    owners.track(event);
  });
  runController(crdController(api), api);
  runController(namespaceController(api), api);
  runController(garbageCollector(owners, api), api);
  startWorkloads(options, owners, api);
  for (const name of NAMESPACES) api.store.put('namespaces', namespaceObject(name, api));
}

function namespaceObject(name: string, api: Api): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      uid: crypto.randomUUID(),
      creationTimestamp: timestamp(api),
      labels: { 'kubernetes.io/metadata.name': name },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}
