import { timestamp, type Api } from './api-context.ts';
import { fieldsOf, listOf, textOf, valueAt, type ApiObject, type Fields } from './api-object.ts';
import type { Controller } from './controller.ts';
import { ownersOf, type OwnerIndex } from './owner-index.ts';
import {
  createOwned,
  dependents,
  keyOf,
  objectOf,
  writeStatus,
  type ResourceId,
} from './workloads-access.ts';
import { NODE_NAME, PODS } from './workloads-pods.ts';

const JOBS: ResourceId = 'batch/v1/jobs';
const STORAGE = 'batch/jobs';

/** Runs the pods of Jobs, one after the other, until enough have succeeded or too many failed. */
export function jobController(owners: OwnerIndex, api: Api): Controller {
  return {
    name: 'jobs',
    keysOf: ({ storage, object, previous }) => {
      if (storage === STORAGE) return [keyOf(object)];
      if (storage !== 'pods') return [];
      return ownersOf(previous ?? object).flatMap((uid) => {
        const owner = owners.locate(uid);
        return owner?.storage === STORAGE ? [`${owner.namespace ?? ''}/${owner.name}`] : [];
      });
    },
    reconcile: async (key) => {
      const job = objectOf(JOBS, key, api);
      if (job === undefined || hasEnded(job)) return undefined;
      if (job.metadata.deletionTimestamp !== undefined) return undefined;
      const pods = dependents(job, 'pods', { owners, api });
      const counts = countPods(pods);
      const end = endOf(job, counts);
      const isIdle = counts.active === 0 && valueAt(job, 'spec', 'suspend') !== true;
      if (end === undefined && isIdle) {
        await createPod(job, api);
        counts.active += 1;
      }
      await writeStatus(JOBS, job, statusOf(job, { ...counts, end }, timestamp(api)), api);
      return undefined;
    },
  };
}

interface Counts {
  active: number;
  readonly succeeded: number;
  readonly failed: number;
}

function countPods(pods: readonly ApiObject[]): Counts {
  const inPhase = (...phases: readonly string[]): number =>
    pods.filter((pod) => phases.includes(textOf(valueAt(pod, 'status', 'phase')))).length;
  return {
    active: inPhase('Pending', 'Running'),
    succeeded: inPhase('Succeeded'),
    failed: inPhase('Failed'),
  };
}

function hasEnded(job: ApiObject): boolean {
  return listOf(valueAt(job, 'status', 'conditions'))
    .map(fieldsOf)
    .some(({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'));
}

type End = 'Complete' | 'Failed';

function endOf(job: ApiObject, { succeeded, failed }: Counts): End | undefined {
  const completions = valueAt(job, 'spec', 'completions');
  const backoffLimit = valueAt(job, 'spec', 'backoffLimit');
  if (succeeded >= (typeof completions === 'number' ? completions : 1)) return 'Complete';
  return failed > (typeof backoffLimit === 'number' ? backoffLimit : 6) ? 'Failed' : undefined;
}

async function createPod(job: ApiObject, api: Api): Promise<void> {
  const template = fieldsOf(valueAt(job, 'spec', 'template'));
  const { labels, annotations } = fieldsOf(template['metadata']);
  const metadata = {
    name: '',
    generateName: `${job.metadata.name}-`,
    labels: labels as Readonly<Record<string, string>> | undefined,
    annotations: annotations as Readonly<Record<string, string>> | undefined,
  };
  const spec = { nodeName: NODE_NAME, ...fieldsOf(template['spec']), restartPolicy: 'Never' };
  await createOwned(PODS, job, { metadata, spec }, api);
}

function statusOf(
  job: ApiObject,
  { active, succeeded, failed, end }: Counts & { readonly end: End | undefined },
  now: string,
): Fields {
  const startTime = valueAt(job, 'status', 'startTime') ?? now;
  return {
    startTime,
    ...(active === 0 ? {} : { active }),
    ...(succeeded === 0 ? {} : { succeeded }),
    ...(failed === 0 ? {} : { failed }),
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
    ...(end === undefined ? {} : { conditions: conditionsOf(end, now) }),
    ...(end === 'Complete' ? { completionTime: now } : {}),
  };
}

function conditionsOf(end: End, now: string): Fields[] {
  const rest =
    end === 'Complete'
      ? { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
      : {
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        };
  const first = end === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  return [first, end].map((type) => ({
    type,
    status: 'True',
    lastProbeTime: now,
    lastTransitionTime: now,
    ...rest,
  }));
}
