import type { Api } from './api-context.ts';
import { runController } from './controller.ts';
import type { OwnerIndex } from './owner-index.ts';
import { claimController } from './workloads-claims.ts';
import { deploymentController } from './workloads-deployments.ts';
import { jobController } from './workloads-jobs.ts';
import { podController } from './workloads-pods.ts';
import { replicaController } from './workloads-replicas.ts';

/** How fast the sandbox's workloads are. */
export interface WorkloadOptions {
  /** How long a pod takes to become ready, in milliseconds of the scope's clock. */
  readonly podReadyMs?: number;
  /** How long a pod of a Job runs. */
  readonly jobRunMs?: number;
}

/** Starts the controllers that make pods out of workloads and let them "run". */
export function startWorkloads(options: WorkloadOptions, owners: OwnerIndex, api: Api): void {
  runController(replicaController(owners, api), api);
  runController(deploymentController(owners, api), api);
  runController(jobController(owners, api), api);
  runController(podController(options, api), api);
  runController(claimController(api), api);
}
