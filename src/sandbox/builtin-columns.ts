import { fieldsOf, listOf, textOf, valueAt, type ApiObject } from './api-object.ts';
import { humanAge } from './human-age.ts';
import type { TableColumn } from './resource-registry.ts';
import { age, column, count, labelsText, name, number, scalar, text } from './table-column.ts';
import { WORKLOAD_COLUMNS } from './workload-columns.ts';

/** Name and age, as a real server shows what it has no columns for. */
export const DEFAULT_COLUMNS: readonly TableColumn[] = [
  name,
  column('Created At', ({ metadata }) => metadata.creationTimestamp ?? ''),
];

/** Columns of built-in kinds, as kubectl users know them. */
export const BUILTIN_COLUMNS: Readonly<Record<string, readonly TableColumn[]>> = {
  ...WORKLOAD_COLUMNS,
  Namespace: [name, column('Status', text('status', 'phase')), age],
  ConfigMap: [name, column('Data', count('data', 'binaryData'), { type: 'integer' }), age],
  Secret: [
    name,
    column('Type', text('type')),
    column('Data', count('data'), { type: 'integer' }),
    age,
  ],
  Service: [
    name,
    column('Type', text('spec', 'type')),
    column('Cluster-IP', text('spec', 'clusterIP')),
    column('External-IP', externalAddress),
    column('Port(s)', servicePorts),
    age,
    column('Selector', (object) => labelsText(valueAt(object, 'spec', 'selector')), {
      priority: 1,
    }),
  ],
  ServiceAccount: [name, age],
  PersistentVolumeClaim: [
    name,
    column('Status', text('status', 'phase')),
    column('Volume', text('spec', 'volumeName')),
    column('Capacity', text('status', 'capacity', 'storage')),
    column('Access Modes', (claim) =>
      listOf(valueAt(claim, 'status', 'accessModes'))
        .map(String)
        .join(','),
    ),
    column('StorageClass', text('spec', 'storageClassName')),
    age,
  ],
  Node: [name, column('Status', () => 'Ready'), age],
  Event: [
    column('Last Seen', (event, nowMs) =>
      humanAge(textOf(event['lastTimestamp']) || event.metadata.creationTimestamp, nowMs),
    ),
    column('Type', text('type')),
    column('Reason', text('reason')),
    column(
      'Object',
      (event) =>
        `${textOf(valueAt(event, 'involvedObject', 'kind')).toLowerCase()}/${textOf(valueAt(event, 'involvedObject', 'name'))}`,
    ),
    column('Message', text('message')),
    column('Name', (object) => object.metadata.name, { priority: 1, format: 'name' }),
  ],
  PodDisruptionBudget: [
    name,
    column('Min Available', (object) => scalar(valueAt(object, 'spec', 'minAvailable')) || 'N/A'),
    column(
      'Max Unavailable',
      (object) => scalar(valueAt(object, 'spec', 'maxUnavailable')) || 'N/A',
    ),
    column('Allowed Disruptions', (object) => number(object, 'status', 'disruptionsAllowed'), {
      type: 'integer',
    }),
    age,
  ],
  RoleBinding: roleBindingColumns(),
  ClusterRoleBinding: roleBindingColumns(),
  Lease: [name, column('Holder', text('spec', 'holderIdentity')), age],
  MutatingWebhookConfiguration: [
    name,
    column('Webhooks', (object) => listOf(object['webhooks']).length, { type: 'integer' }),
    age,
  ],
};

function externalAddress(service: ApiObject): string {
  const type = valueAt(service, 'spec', 'type');
  if (type === 'ExternalName') return textOf(valueAt(service, 'spec', 'externalName'));
  return type === 'LoadBalancer' ? '<pending>' : '<none>';
}

function servicePorts(service: ApiObject): string {
  const ports = listOf(valueAt(service, 'spec', 'ports')).map(fieldsOf);
  return (
    ports.map(({ port, protocol }) => `${scalar(port)}/${textOf(protocol) || 'TCP'}`).join(',') ||
    '<none>'
  );
}

function roleBindingColumns(): TableColumn[] {
  return [
    name,
    column(
      'Role',
      (object) =>
        `${textOf(valueAt(object, 'roleRef', 'kind'))}/${textOf(valueAt(object, 'roleRef', 'name'))}`,
    ),
    age,
  ];
}
