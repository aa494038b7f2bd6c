import { fieldsOf, listOf, textOf, valueAt, type ApiObject } from './api-object.ts';
import { humanAge, humanDuration } from './human-age.ts';
import type { TableColumn } from './resource-registry.ts';
import { age, column, labelsText, name, number, text, type Cell } from './table-column.ts';

/** Columns of pods and of what makes them. */
export const WORKLOAD_COLUMNS: Readonly<Record<string, readonly TableColumn[]>> = {
  Pod: [
    name,
    column(
      'Ready',
      (pod) => `${readyContainers(pod)}/${listOf(valueAt(pod, 'spec', 'containers')).length}`,
    ),
    column('Status', podStatus),
    column('Restarts', () => '0'),
    age,
    column('IP', text('status', 'podIP'), { priority: 1 }),
    column('Node', text('spec', 'nodeName'), { priority: 1 }),
  ],
  Deployment: [
    name,
    column(
      'Ready',
      (object) =>
        `${number(object, 'status', 'readyReplicas')}/${number(object, 'spec', 'replicas')}`,
    ),
    column('Up-to-date', (object) => number(object, 'status', 'updatedReplicas'), {
      type: 'integer',
    }),
    column('Available', (object) => number(object, 'status', 'availableReplicas'), {
      type: 'integer',
    }),
    age,
    ...templateColumns(),
  ],
  StatefulSet: [
    name,
    column(
      'Ready',
      (object) =>
        `${number(object, 'status', 'readyReplicas')}/${number(object, 'spec', 'replicas')}`,
    ),
    age,
    ...templateColumns().slice(0, 2),
  ],
  DaemonSet: [
    name,
    ...(
      [
        'Desired:desiredNumberScheduled',
        'Current:currentNumberScheduled',
        'Ready:numberReady',
        'Up-to-date:updatedNumberScheduled',
        'Available:numberAvailable',
      ] as const
    ).map(statusNumber),
    column('Node Selector', () => '<none>'),
    age,
    ...templateColumns(),
  ],
  ReplicaSet: [
    name,
    column('Desired', (object) => number(object, 'spec', 'replicas'), { type: 'integer' }),
    ...(['Current:replicas', 'Ready:readyReplicas'] as const).map(statusNumber),
    age,
    ...templateColumns(),
  ],
  Job: [
    name,
    column('Status', jobStatus),
    column(
      'Completions',
      (job) => `${number(job, 'status', 'succeeded')}/${number(job, 'spec', 'completions')}`,
    ),
    column('Duration', jobDuration),
    age,
    ...templateColumns(),
  ],
  CronJob: [
    name,
    column('Schedule', text('spec', 'schedule')),
    column('Timezone', (object) => textOf(valueAt(object, 'spec', 'timeZone')) || '<none>'),
    column('Suspend', (object) => (valueAt(object, 'spec', 'suspend') === true ? 'True' : 'False')),
    column('Active', (object) => listOf(valueAt(object, 'status', 'active')).length, {
      type: 'integer',
    }),
    column('Last Schedule', (object, nowMs) =>
      humanOrNone(valueAt(object, 'status', 'lastScheduleTime'), nowMs),
    ),
    age,
  ],
};

function statusNumber(titleAndField: string): TableColumn {
  const [title = '', field = ''] = titleAndField.split(':');
  return column(title, (object) => number(object, 'status', field), { type: 'integer' });
}

function readyContainers(pod: ApiObject): number {
  return listOf(valueAt(pod, 'status', 'containerStatuses')).filter(
    (status) => fieldsOf(status)['ready'] === true,
  ).length;
}

function containersOf(object: ApiObject): readonly unknown[] {
  return listOf(valueAt(object, 'spec', 'template', 'spec', 'containers'));
}

function joined(field: string): Cell {
  return (object) =>
    containersOf(object)
      .map((container) => textOf(fieldsOf(container)[field]))
      .join(',');
}

function selectorText(object: ApiObject): string {
  return labelsText(valueAt(object, 'spec', 'selector', 'matchLabels'));
}

function templateColumns(): TableColumn[] {
  return [
    column('Containers', joined('name'), { priority: 1 }),
    column('Images', joined('image'), { priority: 1 }),
    column('Selector', selectorText, { priority: 1 }),
  ];
}

function jobStatus(job: ApiObject): string {
  const conditions = listOf(valueAt(job, 'status', 'conditions')).map(fieldsOf);
  const ended = conditions.find(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  );
  if (ended !== undefined) return textOf(ended['type']);
  return valueAt(job, 'spec', 'suspend') === true ? 'Suspended' : 'Running';
}

function jobDuration(job: ApiObject, nowMs: number): string {
  const start = Date.parse(textOf(valueAt(job, 'status', 'startTime')));
  if (Number.isNaN(start)) return '';
  const end = Date.parse(textOf(valueAt(job, 'status', 'completionTime')));
  return humanDuration((Number.isNaN(end) ? nowMs : end) - start);
}

function humanOrNone(value: unknown, nowMs: number): string {
  return typeof value === 'string' ? humanAge(value, nowMs) : '<none>';
}

/** What its containers wait for or ended with says more than the phase. */
function podStatus(pod: ApiObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const [first] = listOf(valueAt(pod, 'status', 'containerStatuses'));
  const reason =
    valueAt(first, 'state', 'waiting', 'reason') ?? valueAt(first, 'state', 'terminated', 'reason');
  return textOf(reason) || textOf(valueAt(pod, 'status', 'phase'));
}
