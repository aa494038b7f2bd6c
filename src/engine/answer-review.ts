import * as z from 'zod';
import type { Admission, AdmissionContext, FindOperatorVersion } from '../kudo/admission.ts';
import { admitCreate } from '../kudo/admit-create.ts';
import { admitUpdate } from '../kudo/admit-update.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import { versionReference } from '../kudo/version-reference.ts';
import { jsonPatchBetween } from './json-patch-between.ts';

/** What answering needs from outside; OperatorVersions are read fresh, one may be a moment old. */
export interface AdmissionWorld {
  readonly readOperatorVersion: (
    namespace: string,
    name: string,
  ) => Promise<OperatorVersion | undefined>;
  readonly newUid: () => string;
}

const KubeInstance = z.looseObject({
  apiVersion: z.string(),
  kind: z.literal('Instance'),
  metadata: z.looseObject({ name: z.string().default(''), namespace: z.string().optional() }),
  spec: z
    .looseObject({
      operatorVersion: z.looseObject({}).optional(),
      parameters: z.record(z.string(), z.string()).nullish(),
      planExecution: z.looseObject({}).optional(),
    })
    .optional(),
});

const Review = z.object({
  apiVersion: z.enum(['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string(),
    operation: z.string(),
    object: z.unknown().optional(),
    oldObject: z.unknown().optional(),
  }),
});

/** The AdmissionReview to send back. */
export interface ReviewAnswer {
  readonly apiVersion: string;
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: {
      readonly code: number;
      readonly reason?: string;
      readonly message?: string;
    };
    readonly patchType?: 'JSONPatch';
    /** base64 of the JSON Patch. */
    readonly patch?: string;
  };
}

/**
 * KUDO's answer to an AdmissionReview of Instances, v1 or v1beta1; undefined for anything that is no
 * AdmissionReview. A refusal is written as KUDO's webhook writes it, so that the API server tells
 * people the same text.
 */
export async function answerReview(
  body: unknown,
  world: AdmissionWorld,
): Promise<ReviewAnswer | undefined> {
  const review = Review.safeParse(body);
  if (!review.success) return undefined;
  const { apiVersion, kind, request } = review.data;
  const answer = (response: object): ReviewAnswer => ({
    apiVersion,
    kind,
    response: { uid: request.uid, allowed: true, ...response },
  });
  if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return answer({});
  const object = KubeInstance.safeParse(request.object);
  const oldObject = KubeInstance.safeParse(request.oldObject);
  const isUpdate = request.operation === 'UPDATE';
  if (!object.success) return answer(undecodable(object.error));
  if (isUpdate && !oldObject.success) return answer(undecodable(oldObject.error));
  const after = object.data as unknown as Instance;
  const before = isUpdate ? (oldObject.data as unknown as Instance) : undefined;
  return answer(responseTo(after, await admit(before, after, world)));
}

async function admit(
  before: Instance | undefined,
  after: Instance,
  world: AdmissionWorld,
): Promise<Admission> {
  try {
    const findOperatorVersion = await readReferenced(before, after, world);
    const context: AdmissionContext = { findOperatorVersion, newUid: world.newUid };
    return before === undefined ? admitCreate(after, context) : admitUpdate(before, after, context);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { allowed: false, code: 500, message: thrown.message };
  }
}

/** Reads what the rules may ask for, so that they need not wait. */
async function readReferenced(
  before: Instance | undefined,
  after: Instance,
  { readOperatorVersion }: AdmissionWorld,
): Promise<FindOperatorVersion> {
  const found = new Map<string, OperatorVersion | undefined>();
  for (const instance of [after, ...(before ? [before] : [])]) {
    const { namespace, name } = versionReference(instance);
    const key = `${namespace}/${name}`;
    if (!found.has(key)) found.set(key, await readOperatorVersion(namespace, name));
  }
  return (namespace, name) => found.get(`${namespace}/${name}`);
}

function responseTo(sent: Instance, admission: Admission): Partial<ReviewAnswer['response']> {
  if (!admission.allowed) {
    const { code, message } = admission;
    return { allowed: false, status: code === 403 ? { code, reason: message } : { code, message } };
  }
  const patch = jsonPatchBetween({ ...sent }, { ...admission.instance });
  if (patch.length === 0) return {};
  return {
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
  };
}

function undecodable(error: z.ZodError): Partial<ReviewAnswer['response']> {
  return { allowed: false, status: { code: 400, message: z.prettifyError(error) } };
}
