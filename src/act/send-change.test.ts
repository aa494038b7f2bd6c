import { describe, expect, test } from 'vitest';
import {
  createChange,
  edit,
  KEY,
  liveInstance,
  setParameters,
  SYNC_UID,
} from '../../test/builders.ts';
import { MemoryCluster } from '../../test/fakes/memory-cluster.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { KubeError } from '../cluster/kube-client.ts';
import { INSTANCES } from '../cluster/resources.ts';
import type { Change } from '../model/change.ts';
import { sendChange, startedRun, type InstanceWrite } from './send-change.ts';

const provenance = {
  token: { id: 'rollout/0/1', plan: 'update', uidBefore: undefined },
  syncUid: SYNC_UID,
  revision: 'main@sha1:abc',
  path: 'orders.yaml',
};
const change = setParameters('update', edit('NODES=5')) as Extract<
  Change,
  { kind: 'set-parameters' }
>;
const create: InstanceWrite = {
  kind: 'create',
  key: KEY,
  provenance,
  operator: 'queue',
  change: createChange() as Extract<Change, { kind: 'create' }>,
};
const update: InstanceWrite = {
  kind: 'change',
  key: KEY,
  provenance,
  change,
  observed: liveInstance(),
};
const cure: InstanceWrite = {
  kind: 'cure',
  key: KEY,
  provenance,
  change,
  observed: liveInstance(),
  runningUid: 'u1',
};

const denial = (text: string) =>
  new KubeError(
    403,
    text,
    `admission webhook "instance-admission.kudo.dev" denied the request: ${text}`,
  );

async function answerTo(write: InstanceWrite, error: KubeError) {
  const cluster = new MemoryCluster();
  await cluster.create({ ...INSTANCES, namespace: 'shop' }, liveInstance());
  cluster.beforeWrite = () => {
    throw error;
  };
  return sendChange(write, cluster, testScope());
}

describe('what the API server answers to a write', () => {
  test.each<[string, InstanceWrite, KubeError, object]>([
    [
      'a refusal of KUDO is final, in its own words',
      update,
      denial("parameter 'X' is immutable"),
      { kind: 'denied', message: "parameter 'X' is immutable" },
    ],
    [
      'a plan that runs by now is looked at again',
      update,
      denial("plan 'backup' is scheduled (or running) and an update would trigger …"),
      { kind: 'stale' },
    ],
    [
      'a stale resourceVersion is read again',
      update,
      new KubeError(409, 'Conflict', 'modified'),
      { kind: 'stale' },
    ],
    [
      'a deleted Instance is read again',
      update,
      new KubeError(404, 'NotFound', 'gone'),
      { kind: 'stale' },
    ],
    [
      'a failed test of a cure is read again',
      cure,
      new KubeError(422, 'Invalid', 'test failed'),
      { kind: 'stale' },
    ],
    [
      'what the schema refuses is final',
      create,
      new KubeError(422, 'Invalid', 'metadata.name: Invalid value'),
      { kind: 'denied', message: 'metadata.name: Invalid value' },
    ],
  ])('%s', async (_why, write, error, expected) => {
    expect(await answerTo(write, error)).toMatchObject(expected);
  });

  test.each<[string, InstanceWrite, KubeError]>([
    ['a webhook that does not answer', update, new KubeError(500, '', 'failed calling webhook')],
    ['a missing OperatorVersion', create, new KubeError(500, '', 'denied the request: not found')],
    [
      'a namespace that is not there',
      create,
      new KubeError(404, 'NotFound', 'namespaces "shop" not found'),
    ],
    ['no permission', update, new KubeError(403, 'Forbidden', 'instances is forbidden')],
  ])('%s is trouble, not a verdict', async (_why, write, error) => {
    await expect(answerTo(write, error)).rejects.toBe(error);
  });
});

describe('an Instance that exists when it is created', () => {
  test.each([
    [
      'is ours when it carries our token: the first answer was lost',
      'rollout/0/1 deploy -',
      'admitted',
    ],
    ['is of others when it does not', 'another/0/1 deploy -', 'stale'],
  ])('%s', async (_why, token, kind) => {
    const cluster = new MemoryCluster();
    const annotations = { 'gitops.kudo.dev/change': token };
    await cluster.create({ ...INSTANCES, namespace: 'shop' }, liveInstance({}, { annotations }));
    expect(await sendChange(create, cluster, testScope())).toMatchObject({ kind });
  });
});

test('an admitted write without a plan means that KUDO’s webhook is not there', () => {
  expect(startedRun(liveInstance({}, { running: 'update u1' }))).toEqual({
    plan: 'update',
    uid: 'u1',
  });
  expect(() => startedRun(liveInstance())).toThrow(/its admission webhook did not see the write/);
});
