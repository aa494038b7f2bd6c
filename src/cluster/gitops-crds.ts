import { GROUP } from '../model/names.ts';
import { type CustomResourceDefinition, customResource } from './crd-schema.ts';
import { PLAN_RUN_SPEC, PLAN_RUN_STATUS } from './plan-run-schema.ts';
import { PLAN_SCHEDULE_SPEC, PLAN_SCHEDULE_STATUS } from './plan-schedule-schema.ts';
import {
  ROLLOUT_PART_SPEC,
  ROLLOUT_PART_STATUS,
  ROLLOUT_SPEC,
  ROLLOUT_STATUS,
} from './rollout-schema.ts';
import { SYNC_SPEC, SYNC_STATUS } from './sync-schema.ts';

const OURS = {
  group: GROUP,
  version: 'v1alpha1',
  categories: ['kudo-gitops'],
  hasStatusSubresource: true,
  isSpecRequired: true,
};
const AGE = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' } as const;

const SYNC = customResource({
  ...OURS,
  kind: 'Sync',
  plural: 'syncs',
  shortNames: ['ksync'],
  description:
    'A Git repository, a branch and one or more paths, of which this cluster is to have the KUDO Instances.',
  spec: SYNC_SPEC,
  status: SYNC_STATUS,
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description:
        'Whether the cluster is as the newest commit says and every plan has ended well.',
    },
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'Why, in one sentence.',
    },
    {
      name: 'Revision',
      type: 'string',
      jsonPath: '.status.lastAppliedRevision',
      description: 'The newest commit that was carried out to its end.',
      priority: 1,
    },
    {
      name: 'Instances',
      type: 'integer',
      jsonPath: '.status.instances.total',
      description: 'How many Instances Git says there are.',
    },
    {
      name: 'Failed',
      type: 'integer',
      jsonPath: '.status.instances.failed',
      description: 'How many of them failed.',
    },
    {
      name: 'Repository',
      type: 'string',
      jsonPath: '.spec.url',
      description: 'The Git repository.',
      priority: 1,
    },
    AGE,
  ],
});

const ROLLOUT = customResource({
  ...OURS,
  kind: 'Rollout',
  plural: 'rollouts',
  shortNames: ['krollout'],
  description:
    'The carrying-out of one commit, from first look to verdict. Written by kudo-gitops; the list of them is the history.',
  spec: ROLLOUT_SPEC,
  status: ROLLOUT_STATUS,
  columns: [
    { name: 'Sync', type: 'string', jsonPath: '.spec.sync', description: 'Whose commit it is.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'How it stands.' },
    {
      name: 'Changes',
      type: 'integer',
      jsonPath: '.status.counts.total',
      description: 'How many changes the commit asks for.',
    },
    {
      name: 'Author',
      type: 'string',
      jsonPath: '.spec.author',
      description: 'Who wrote the commit.',
    },
    {
      name: 'Subject',
      type: 'string',
      jsonPath: '.spec.subject',
      description: 'First line of the commit message.',
    },
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.message',
      description: 'How far it is, or how it ended, in one sentence.',
      priority: 1,
    },
    AGE,
  ],
});

const ROLLOUT_PART = customResource({
  ...OURS,
  kind: 'RolloutPart',
  plural: 'rolloutparts',
  description: 'Further changes of a Rollout that has more than one object can hold.',
  spec: ROLLOUT_PART_SPEC,
  status: ROLLOUT_PART_STATUS,
  columns: [
    {
      name: 'Rollout',
      type: 'string',
      jsonPath: '.spec.rollout',
      description: 'Whose part it is.',
    },
    AGE,
  ],
});

const PLAN_OF_INSTANCE = [
  {
    name: 'Instance',
    type: 'string',
    jsonPath: '.spec.instance',
    description: 'Whose plan it is.',
  },
  { name: 'Plan', type: 'string', jsonPath: '.spec.plan', description: 'Which plan.' },
] as const;

const PLAN_RUN = customResource({
  ...OURS,
  kind: 'PlanRun',
  plural: 'planruns',
  description:
    'Runs one plan of one Instance once. Its name is its identity, like that of a Job: the same name never runs again.',
  spec: PLAN_RUN_SPEC,
  status: PLAN_RUN_STATUS,
  columns: [
    ...PLAN_OF_INSTANCE,
    { name: 'State', type: 'string', jsonPath: '.status.state', description: 'How far it is.' },
    {
      name: 'Started',
      type: 'date',
      jsonPath: '.status.startedAt',
      description: 'When it was sent.',
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.message',
      description: 'Why it is in this state.',
      priority: 1,
    },
    AGE,
  ],
});

const PLAN_SCHEDULE = customResource({
  ...OURS,
  kind: 'PlanSchedule',
  plural: 'planschedules',
  description: 'Runs one plan of one Instance again and again, as a CronJob runs a Job.',
  spec: PLAN_SCHEDULE_SPEC,
  status: PLAN_SCHEDULE_STATUS,
  columns: [
    ...PLAN_OF_INSTANCE,
    {
      name: 'Schedule',
      type: 'string',
      jsonPath: '.spec.schedule',
      description: 'When, as cron fields.',
    },
    {
      name: 'Time Zone',
      type: 'string',
      jsonPath: '.spec.timeZone',
      description: 'Whose clocks the schedule means.',
    },
    {
      name: 'Suspend',
      type: 'boolean',
      jsonPath: '.spec.suspend',
      description: 'Whether it makes no new runs.',
    },
    {
      name: 'Last',
      type: 'date',
      jsonPath: '.status.lastScheduleTime',
      description: 'The last scheduled time that was dealt with.',
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.message',
      description: 'What was left out last and why.',
      priority: 1,
    },
    AGE,
  ],
});

/** The CRDs of our own API group. `deploy/crds/` is printed from them. */
export const GITOPS_CRDS: readonly CustomResourceDefinition[] = [
  SYNC,
  ROLLOUT,
  ROLLOUT_PART,
  PLAN_RUN,
  PLAN_SCHEDULE,
];
