import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ToolFolders } from './binaries.ts';
import type { ControlPlane } from './control-plane.ts';
import type { KubeApi, TestObject } from './kube-api.ts';
import { startProcess, waitFor } from './processes.ts';
import type { RunningProcess } from './processes.ts';

/**
 * A pod (template) with this annotation does not do well: `fail` ends a Job's pod with exit code 1
 * (other pods never become ready), `hang` leaves a pod Pending. Without it pods become ready at
 * once and a Job's pods succeed. See `stages.yaml`.
 */
export const OUTCOME_ANNOTATION = 'test.gitops.kudo.dev/outcome';

const STAGES = join(dirname(fileURLToPath(import.meta.url)), 'stages.yaml');
const NODE = 'node-1';

/**
 * Left out are what needs a cloud, and the controller that would call the simulated node dead when
 * a busy machine makes its heartbeat late.
 */
const CONTROLLERS =
  '*,-node-ipam-controller,-cloud-node-lifecycle-controller,-node-lifecycle-controller';

export interface WorkloadOptions {
  readonly tools: ToolFolders;
  readonly dir: string;
  readonly plane: ControlPlane;
  /** Called for each program as soon as it runs. */
  readonly onStart: (child: RunningProcess) => void;
}

/** Starts controller manager, scheduler and kwok with one roomy node, and waits until the node is ready. */
export async function startWorkloads({
  tools,
  dir,
  plane,
  onStart,
}: WorkloadOptions): Promise<void> {
  await plane.api.create(node());
  await plane.api.create(storageClass());
  for (const { name, folder, args } of programs(tools, plane)) {
    onStart(await startProcess({ name, command: join(folder, name), args, dir }));
  }
  await waitFor('a ready node', async () => isNodeReady(plane.api));
  await untaint(plane.api);
  await waitFor('the default service account', async () =>
    plane.api.get({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      namespace: 'default',
      name: 'default',
    }),
  );
}

interface Program {
  readonly name: string;
  readonly folder: string;
  readonly args: readonly string[];
}

function programs(tools: ToolFolders, plane: ControlPlane): Program[] {
  const kubeconfig = `--kubeconfig=${plane.kubeconfig}`;
  const quiet = ['--leader-elect=false', '--secure-port=0'];
  const controllerManager = [
    kubeconfig,
    ...quiet,
    `--service-account-private-key-file=${plane.serviceAccountKeyFile}`,
    `--root-ca-file=${plane.caFile}`,
    `--controllers=${CONTROLLERS}`,
  ];
  const kwok = [
    kubeconfig,
    '--manage-all-nodes',
    '--cidr=10.1.0.0/16',
    '--node-ip=127.0.0.1',
    `--config=${STAGES}`,
  ];
  return [
    { name: 'kwok', folder: tools.kwok, args: kwok },
    { name: 'kube-controller-manager', folder: tools.kubernetes, args: controllerManager },
    { name: 'kube-scheduler', folder: tools.kubernetes, args: [kubeconfig, ...quiet] },
  ];
}

function node(): TestObject {
  const room = { cpu: '1k', memory: '1Ti', pods: '10k' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: NODE,
      labels: { 'kubernetes.io/hostname': NODE, 'kubernetes.io/os': 'linux' },
    },
    status: { capacity: room, allocatable: room },
  };
}

function storageClass(): TestObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'simulated',
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'test.gitops.kudo.dev/simulated',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  };
}

async function isNodeReady(api: KubeApi): Promise<boolean> {
  const found = await api.get({ apiVersion: 'v1', kind: 'Node', name: NODE });
  const status = found?.['status'] as
    { conditions?: { type: string; status: string }[] } | undefined;
  return (status?.conditions ?? []).some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  );
}

/** Admission taints every new node; the controller that would take the taint away does not run here. */
async function untaint(api: KubeApi): Promise<void> {
  await api.patch({ apiVersion: 'v1', kind: 'Node', name: NODE }, { spec: { taints: null } });
}
