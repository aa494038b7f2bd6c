import { cleanAgainPatch } from './clean-again-patch.ts';
import { randomUUID } from 'node:crypto';
import { KubeError, type KubeClient } from '../cluster/kube-client.ts';
import { INSTANCES } from '../cluster/resources.ts';
import { messageOf, Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { Instance } from '../kudo/objects.ts';
import type { Change, MetadataChange } from '../model/change.ts';
import { parseToken } from '../model/change-token.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION, FIELD_MANAGER } from '../model/names.ts';
import {
  changePatch,
  curePatch,
  newInstance,
  ownAbandonPatch,
  retriggerPatch,
  type Provenance,
} from './instance-write.ts';
import { metadataPatch } from './metadata-patch.ts';

/** One write to one Instance. */
export type InstanceWrite = { readonly key: ObjectKey; readonly provenance: Provenance } & (
  | {
      readonly kind: 'create';
      readonly change: Extract<Change, { kind: 'create' }>;
      readonly operator: string | undefined;
    }
  | {
      readonly kind: 'change';
      readonly change: Extract<Change, { kind: 'upgrade' | 'set-parameters' }>;
      readonly observed: Instance;
    }
  | {
      readonly kind: 'metadata';
      readonly change: MetadataChange & { readonly key: ObjectKey };
      readonly observed: Instance;
    }
  | { readonly kind: 'delete'; readonly observed: Instance }
  | {
      readonly kind: 'cure';
      readonly change: Extract<Change, { kind: 'set-parameters' }>;
      readonly observed: Instance;
      readonly runningUid: string;
    }
  | { readonly kind: 'abandon'; readonly observed: Instance; readonly runningUid: string }
  | { readonly kind: 'retrigger'; readonly plan: string; readonly observed: Instance }
  | { readonly kind: 'clean-again'; readonly observed: Instance; readonly failedUid: string }
);

/** What came of a write. */
export type WriteResult =
  /** Admitted; `instance` is the API server's answer. */
  | { readonly kind: 'admitted'; readonly instance: Instance }
  /** The Instance goes, after its cleanup. */
  | { readonly kind: 'deleted' }
  /** KUDO, or the API server itself, refuses it for good; `message` is its own text. */
  | { readonly kind: 'denied'; readonly message: string }
  /** Somebody was faster: read the Instance again and decide anew. */
  | { readonly kind: 'stale'; readonly message: string };

/**
 * Writes one change (design.md §4): a POST, or one guarded patch.
 *
 * @throws {Failure} when neither side decided: API server or webhook unreachable, no permission
 */
export async function sendChange(
  write: InstanceWrite,
  client: KubeClient,
  scope: Scope,
): Promise<WriteResult> {
  try {
    if (write.kind === 'delete') return await remove(write, client, scope);
    return { kind: 'admitted', instance: await carryOut(write, client, scope) };
  } catch (thrown) {
    if (!(thrown instanceof KubeError)) throw thrown;
    if (thrown.code === 409 && write.kind === 'create') return takeOver(write, client, scope);
    return resultOf(thrown, write.kind);
  }
}

/** Only this very Instance, and only as it was when it was decided on. */
async function remove(
  { key, observed }: Extract<InstanceWrite, { kind: 'delete' }>,
  client: KubeClient,
  scope: Scope,
): Promise<WriteResult> {
  const { uid, resourceVersion } = observed.metadata;
  const options = { uid, resourceVersion, propagationPolicy: 'Background' } as const;
  await client.delete({ ...INSTANCES, ...splitKey(key) }, options, scope);
  return { kind: 'deleted' };
}

async function carryOut(
  write: Exclude<InstanceWrite, { kind: 'delete' }>,
  client: KubeClient,
  scope: Scope,
): Promise<Instance> {
  const { namespace, name } = splitKey(write.key);
  const path = { ...INSTANCES, namespace };
  const options = { fieldManager: FIELD_MANAGER };
  switch (write.kind) {
    case 'create': {
      const body = newInstance(write.change, write.operator, write.provenance);
      return client.create<Instance>(path, body, options, scope);
    }
    case 'change': {
      const body = changePatch(write.change, write.observed, write.provenance);
      return client.patch<Instance>({ ...path, name }, { type: 'merge', body, ...options }, scope);
    }
    case 'metadata': {
      const body = metadataPatch(write.change, write.observed, write.provenance);
      return client.patch<Instance>({ ...path, name }, { type: 'merge', body, ...options }, scope);
    }
    case 'cure': {
      const body = curePatch(write.change, write.observed, write.runningUid, write.provenance);
      return client.patch<Instance>({ ...path, name }, { type: 'json', body, ...options }, scope);
    }
    case 'abandon': {
      const body = ownAbandonPatch(write.key, write.observed, write.runningUid, write.provenance);
      return client.patch<Instance>({ ...path, name }, { type: 'json', body, ...options }, scope);
    }
    case 'clean-again': {
      const run = { failedUid: write.failedUid, uid: randomUUID() };
      const body = cleanAgainPatch(write.observed, run, write.provenance.token);
      return client.patch<Instance>({ ...path, name }, { type: 'json', body, ...options }, scope);
    }
    case 'retrigger': {
      const run = { plan: write.plan, uid: `${ASKED}${randomUUID()}` };
      const body = retriggerPatch(write.key, write.observed, run, write.provenance);
      return client.patch<Instance>({ ...path, name }, { type: 'merge', body, ...options }, scope);
    }
  }
}

/** It exists already: ours when it carries our token, for the answer to our POST may have been lost. */
async function takeOver(
  { key, provenance }: InstanceWrite,
  client: KubeClient,
  scope: Scope,
): Promise<WriteResult> {
  const instance = await client.get<Instance>({ ...INSTANCES, ...splitKey(key) }, scope);
  const token = parseToken(instance.metadata.annotations?.[ANNOTATION.change]);
  if (token?.id === provenance.token.id) return { kind: 'admitted', instance };
  return { kind: 'stale', message: `${key} exists already` };
}

/** KUDO's webhook replaces the uid of a run that is asked for; this one shows that it did not. */
export const ASKED = 'kudo-gitops-';

const DENIED = 'denied the request: ';

/** Denials that pass with the running plan, or that an older view of the Instance caused (kudo.md §2.8). */
const PASSING = [
  'is scheduled (or running)',
  'overriding currently scheduled',
  'cancelling currently scheduled',
];

/** What an answer that is no success means. */
export function resultOf(error: KubeError, kind: InstanceWrite['kind']): WriteResult {
  const { code, message } = error;
  const isDenial = message.includes(DENIED);
  if (!isDenial && isStale(code, kind)) return { kind: 'stale', message };
  if (code === 400 || code === 422) return { kind: 'denied', message };
  if (code !== 403 || !isDenial) throw error;
  const denial = message.slice(message.indexOf(DENIED) + DENIED.length);
  const isPassing = PASSING.some((fragment) => denial.includes(fragment));
  return { kind: isPassing ? 'stale' : 'denied', message: denial };
}

/**
 * 409 and 404: changed or deleted since it was read; a create answered so has no namespace. 422: a test of
 * the JSON patch failed, because the run or a value is another one by now.
 */
function isStale(code: number, kind: InstanceWrite['kind']): boolean {
  if (kind === 'create') return false;
  return code === 409 || code === 404 || (code === 422 && TESTING.has(kind));
}

/** Writes that test what they change. */
const TESTING: ReadonlySet<InstanceWrite['kind']> = new Set(['cure', 'abandon', 'clean-again']);

/**
 * The plan run that the write started.
 *
 * @throws {Failure} `unreachable` when KUDO scheduled none: then its webhook is not registered
 */
export function startedRun(instance: Instance): { plan: string; uid: string } {
  const { planName, uid } = instance.spec?.planExecution ?? {};
  if (planName && uid && !uid.startsWith(ASKED)) return { plan: planName, uid };
  const { namespace = '', name } = instance.metadata;
  throw new Failure(
    'unreachable',
    `KUDO scheduled no plan for ${namespace}/${name}: its admission webhook did not see the write`,
    { hint: 'kudo-gitops engine status' },
  );
}

/** For logs and conditions: what went wrong, in one line. */
export function writeTrouble(key: ObjectKey, thrown: unknown): string {
  return `${key}: ${messageOf(thrown)}`;
}
