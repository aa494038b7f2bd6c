import { timestamp, type Api } from './api-context.ts';
import {
  fieldsOf,
  isSame,
  listOf,
  textOf,
  valueAt,
  type ApiObject,
  type Fields,
} from './api-object.ts';
import type { Controller } from './controller.ts';
import { keyOf, objectOf, writeField, writeStatus, type ResourceId } from './workloads-access.ts';

/** The one node that everything "runs" on. */
export const NODE_NAME = 'sandbox';

export const PODS: ResourceId = '/v1/pods';

/** On a pod (template): `fail` lets it fail, or never become ready when it is to run for ever. */
export const OUTCOME_ANNOTATION = 'sandbox.kudo-gitops.dev/outcome';

const DEFAULT_READY_MS = 200;
const DEFAULT_RUN_MS = 200;

/**
 * Lets pods "run": after a while they are ready, or, when they are to end (restartPolicy Never or
 * OnFailure), they have ended. No process is started.
 */
export function podController(
  options: { readonly podReadyMs?: number; readonly jobRunMs?: number },
  api: Api,
): Controller {
  const dueAt = new Map<string, number>();
  const durationOf = (pod: ApiObject): number =>
    endsByItself(pod)
      ? (options.jobRunMs ?? DEFAULT_RUN_MS)
      : (options.podReadyMs ?? DEFAULT_READY_MS);
  return {
    name: 'pods',
    keysOf: ({ storage, type, object }) =>
      storage === 'pods' && type === 'ADDED' ? [keyOf(object)] : [],
    reconcile: async (key) => {
      const pod = objectOf(PODS, key, api);
      if (pod === undefined) return undefined;
      const uid = pod.metadata.uid ?? '';
      const now = api.scope.clock.now();
      const due = dueAt.get(uid) ?? now + durationOf(pod);
      if (due > now) {
        dueAt.set(uid, due);
        const value = valueAt(pod, 'spec', 'nodeName') ?? NODE_NAME;
        await writeField(PODS, pod, { path: ['spec', 'nodeName'], value }, api);
        await writeStatus(PODS, pod, pendingStatus(pod, api), api);
        return due - now;
      }
      dueAt.delete(uid);
      await writeStatus(PODS, pod, finalStatus(pod, api), api);
      return undefined;
    },
  };
}

function endsByItself(pod: ApiObject): boolean {
  return valueAt(pod, 'spec', 'restartPolicy') !== 'Always';
}

function fails(pod: ApiObject): boolean {
  if (pod.metadata.annotations?.[OUTCOME_ANNOTATION] === 'fail') return true;
  return listOf(valueAt(pod, 'spec', 'containers'))
    .map(fieldsOf)
    .some(({ command, args }) => isFailingCommand([...listOf(command), ...listOf(args)]));
}

function isFailingCommand(words: readonly unknown[]): boolean {
  if (isSame(words, ['false'])) return true;
  const isShell = /^(\/bin\/)?(sh|bash)$/.test(textOf(words[0])) && words[1] === '-c';
  return isShell && words.length === 3 && textOf(words[2]).trim() === 'exit 1';
}

function pendingStatus(pod: ApiObject, api: Api): Fields {
  return {
    phase: 'Pending',
    conditions: conditionsOf('False', timestamp(api)),
    containerStatuses: containerStatuses(pod, {
      ready: false,
      state: { waiting: { reason: 'ContainerCreating' } },
    }),
    qosClass: 'BestEffort',
    startTime: timestamp(api),
  };
}

function finalStatus(pod: ApiObject, api: Api): Fields {
  const now = timestamp(api);
  const before = fieldsOf(pod['status']);
  const hasFailed = fails(pod);
  if (endsByItself(pod)) {
    const terminated = {
      exitCode: hasFailed ? 1 : 0,
      reason: hasFailed ? 'Error' : 'Completed',
      startedAt: before['startTime'],
      finishedAt: now,
    };
    return {
      ...before,
      phase: hasFailed ? 'Failed' : 'Succeeded',
      conditions: conditionsOf('False', now),
      containerStatuses: containerStatuses(pod, { ready: false, state: { terminated } }),
    };
  }
  const state = hasFailed
    ? { waiting: { reason: 'CrashLoopBackOff' } }
    : { running: { startedAt: now } };
  return {
    ...before,
    phase: 'Running',
    hostIP: '127.0.0.1',
    podIP: podAddress(pod),
    podIPs: [{ ip: podAddress(pod) }],
    conditions: conditionsOf(hasFailed ? 'False' : 'True', now),
    containerStatuses: containerStatuses(pod, { ready: !hasFailed, state }),
  };
}

function conditionsOf(ready: 'True' | 'False', now: string): Fields[] {
  return [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: now },
    { type: 'Initialized', status: 'True', lastTransitionTime: now },
    { type: 'ContainersReady', status: ready, lastTransitionTime: now },
    { type: 'Ready', status: ready, lastTransitionTime: now },
  ];
}

function containerStatuses(
  pod: ApiObject,
  { ready, state }: { readonly ready: boolean; readonly state: Fields },
): Fields[] {
  return listOf(valueAt(pod, 'spec', 'containers'))
    .map(fieldsOf)
    .map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready,
      started: ready,
      restartCount: 0,
      state,
      lastState: {},
    }));
}

/** An address of 10.244.0.0/16 that depends on the pod's uid. */
function podAddress({ metadata }: ApiObject): string {
  const digits = (metadata.uid ?? '').replaceAll('-', '');
  const part = (from: number): number => Number.parseInt(digits.slice(from, from + 2), 16) || 1;
  return `10.244.${part(0)}.${part(2)}`;
}

/** Whether a pod has condition Ready=True. */
export function isReady(pod: ApiObject): boolean {
  return listOf(valueAt(pod, 'status', 'conditions'))
    .map(fieldsOf)
    .some(({ type, status }) => type === 'Ready' && status === 'True');
}
