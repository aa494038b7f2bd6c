import { GROUP } from '../model/names.ts';
import { type CustomResourceDefinition, customResource } from './crd-schema.ts';
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

/** The CRDs of our own API group. `deploy/crds/` is printed from them. */
export const GITOPS_CRDS: readonly CustomResourceDefinition[] = [SYNC, ROLLOUT, ROLLOUT_PART];
