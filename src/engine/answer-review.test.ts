import { describe, expect, it } from 'vitest';
import { demoInstance, demoOperator } from '../../test/fakes/demo-operator.ts';
import { Failure } from '../lib/failure.ts';
import { answerReview, type AdmissionWorld, type ReviewAnswer } from './answer-review.ts';

const spec = demoOperator({ tasks: [] }).spec;
const operatorVersion = { apiVersion: 'kudo.dev/v1beta1', kind: 'OperatorVersion', spec };
const world: AdmissionWorld = {
  readOperatorVersion: async (namespace, name) =>
    Promise.resolve(
      name === 'demo-1.0.0' ? { ...operatorVersion, metadata: { name, namespace } } : undefined,
    ),
  newUid: () => 'new-uid',
};

async function review(request: object, version = 'v1', of = world): Promise<ReviewAnswer> {
  const body = {
    apiVersion: `admission.k8s.io/${version}`,
    kind: 'AdmissionReview',
    request: { uid: 'r', ...request },
  };
  const answer = await answerReview(body, of);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

describe('the answer to an AdmissionReview', () => {
  it.each(['v1', 'v1beta1'])('schedules deploy for a new Instance (%s)', async (version) => {
    const answer = await review({ operation: 'CREATE', object: demoInstance() }, version);
    expect(answer).toMatchObject({
      apiVersion: `admission.k8s.io/${version}`,
      kind: 'AdmissionReview',
      response: { uid: 'r', allowed: true, patchType: 'JSONPatch' },
    });
    const patch = Buffer.from(answer.response.patch ?? '', 'base64').toString();
    expect(JSON.parse(patch)).toContainEqual({
      op: 'add',
      path: '/spec/planExecution',
      value: { planName: 'deploy', uid: 'new-uid' },
    });
  });

  it('changes nothing when only metadata changes', async () => {
    const oldObject = demoInstance();
    const object = { ...oldObject, metadata: { ...oldObject.metadata, labels: { a: 'b' } } };
    expect((await review({ operation: 'UPDATE', object, oldObject })).response).toEqual({
      uid: 'r',
      allowed: true,
    });
  });

  it('puts a refusal where the API server takes KUDO’s text from', async () => {
    const oldObject = demoInstance();
    const object = demoInstance({ NOPE: '1' });
    expect((await review({ operation: 'UPDATE', object, oldObject })).response).toEqual({
      uid: 'r',
      allowed: false,
      status: {
        code: 403,
        reason:
          'failed to update Instance default/demo: failed to find parameter "NOPE" in the OperatorVersion',
      },
    });
  });

  it('says that it could not look when the API server does not answer', async () => {
    const down: AdmissionWorld = {
      ...world,
      readOperatorVersion: async () =>
        Promise.reject(new Failure('unreachable', 'the API server is away')),
    };
    const { response } = await review({ operation: 'CREATE', object: demoInstance() }, 'v1', down);
    expect(response).toEqual({
      uid: 'r',
      allowed: false,
      status: { code: 500, message: 'the API server is away' },
    });
  });

  it('refuses an Instance whose parameters are no texts', async () => {
    const object = { ...demoInstance(), spec: { parameters: { COLOUR: 3 } } };
    const { response } = await review({ operation: 'CREATE', object });
    expect(response).toMatchObject({ allowed: false, status: { code: 400 } });
  });

  it('has nothing to say about deletes', async () => {
    const { response } = await review({ operation: 'DELETE', oldObject: demoInstance() });
    expect(response).toEqual({ uid: 'r', allowed: true });
  });

  it('is none for anything else', async () => {
    expect(await answerReview({ kind: 'Pod' }, world)).toBeUndefined();
  });
});
