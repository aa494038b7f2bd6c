import type { Instance } from '../kudo/objects.ts';
import { KUDO_API_VERSION } from '../kudo/objects.ts';
import type { Change, ParameterEdit } from '../model/change.ts';
import { formatToken, type ChangeToken } from '../model/change-token.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION, LABEL } from '../model/names.ts';
import { oidOf, shortOid } from '../model/revision.ts';
import { formatMetadata, statedMetadata } from '../model/stated-metadata.ts';
import { formatWrittenKeys, parseWrittenKeys, valueHash } from '../model/written-keys.ts';
import { abandonPatch } from './abandon-patch.ts';

/** Who writes, and why: what every write leaves on the Instance. */
export interface Provenance {
  readonly token: ChangeToken;
  readonly syncUid: string;
  /** `branch@sha1:<40 hex>`. */
  readonly revision: string;
  /** The file that says so. */
  readonly path: string;
  /** What the Instance depends on, kept on it for the day when Git no longer names it. */
  readonly dependsOn?: readonly ObjectKey[] | undefined;
}

/** The Instance to POST. `operator` is the label that KUDO's own CLI sets. */
export function newInstance(
  { desired, contentUid }: Extract<Change, { kind: 'create' }>,
  operator: string | undefined,
  provenance: Provenance,
): Instance {
  const keys = new Map(
    Object.entries(desired.parameters).map(([name, value]) => [name, valueHash(value)]),
  );
  const stated = formatMetadata(statedMetadata(desired));
  return {
    apiVersion: KUDO_API_VERSION,
    kind: 'Instance',
    metadata: {
      name: desired.name,
      namespace: desired.namespace,
      labels: {
        ...(operator ? { [LABEL.operator]: operator } : {}),
        ...desired.labels,
        [LABEL.syncUid]: provenance.syncUid,
      },
      annotations: {
        ...desired.annotations,
        ...ownAnnotations(desired.key, keys, provenance),
        [ANNOTATION.operatorVersion]: referenceText(desired.key, desired.operatorVersion),
        ...(stated === '' ? {} : { [ANNOTATION.metadata]: stated }),
      },
    },
    spec: {
      operatorVersion: {
        ...desired.operatorVersion,
        ...(contentUid === undefined ? {} : { uid: contentUid }),
      },
      parameters: desired.parameters,
    },
  };
}

/** One JSON merge patch of exactly one change, guarded by uid and resourceVersion. */
export function changePatch(
  change: Extract<Change, { kind: 'upgrade' | 'set-parameters' }>,
  observed: Instance,
  provenance: Provenance,
): unknown {
  return {
    metadata: guardedMetadata(change.key, observed, {
      keys: keysAfter(observed, change.edits),
      reference: change.kind === 'upgrade' ? referenceText(change.key, change.to) : undefined,
      provenance,
    }),
    spec: {
      ...(change.kind === 'upgrade' ? { operatorVersion: referencePatch(change, observed) } : {}),
      ...(change.edits.length > 0 ? { parameters: parametersPatch(change.edits) } : {}),
    },
  };
}

/** Runs a plan once more: a fresh uid is what makes KUDO restart it (kudo.md §8.4, retrigger recipe). */
export function retriggerPatch(
  key: Change['key'],
  observed: Instance,
  run: { readonly plan: string; readonly uid: string },
  provenance: Provenance,
): unknown {
  const keys = parseWrittenKeys(observed.metadata.annotations?.[ANNOTATION.keys]);
  return {
    metadata: guardedMetadata(key, observed, { keys, reference: undefined, provenance }),
    spec: { planExecution: { planName: run.plan, uid: run.uid } },
  };
}

/**
 * A JSON patch that restarts a hanging plan with new values. It carries no resourceVersion, because a
 * busy Instance changes too often; the tests make it fail when the run or a value is another one.
 */
export function curePatch(
  change: Extract<Change, { kind: 'set-parameters' }>,
  observed: Instance,
  runningUid: string,
  provenance: Provenance,
): unknown[] {
  const live = observed.spec?.parameters;
  const annotations = ownAnnotations(change.key, keysAfter(observed, change.edits), provenance);
  return [
    { op: 'test', path: '/metadata/uid', value: observed.metadata.uid },
    { op: 'test', path: '/spec/planExecution/uid', value: runningUid },
    ...(live === undefined ? [{ op: 'add', path: '/spec/parameters', value: {} }] : []),
    ...change.edits.flatMap((edit) => editOperations(edit, live?.[edit.name])),
    ...(observed.metadata.annotations === undefined
      ? [{ op: 'add', path: '/metadata/annotations', value: {} }]
      : []),
    ...Object.entries(annotations).map(([name, value]) => ({
      op: 'add',
      path: `/metadata/annotations/${pointer(name)}`,
      value,
    })),
  ];
}

/** Gives up the plan that runs, as a commit says; see {@link abandonPatch}. */
export function ownAbandonPatch(
  key: Change['key'],
  observed: Instance,
  runningUid: string,
  provenance: Provenance,
): unknown[] {
  const keys = parseWrittenKeys(observed.metadata.annotations?.[ANNOTATION.keys]);
  const by = `commit ${shortOid(oidOf(provenance.revision))}`;
  return abandonPatch(observed, runningUid, by, ownAnnotations(key, keys, provenance));
}

function editOperations({ name, to }: ParameterEdit, live: string | undefined): unknown[] {
  const path = `/spec/parameters/${pointer(name)}`;
  const test = live === undefined ? [] : [{ op: 'test', path, value: live }];
  if (to !== undefined) return [...test, { op: 'add', path, value: to }];
  return live === undefined ? [] : [...test, { op: 'remove', path }];
}

const pointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function guardedMetadata(
  key: Change['key'],
  observed: Instance,
  { keys, reference, provenance }: Marks,
): unknown {
  const { uid, resourceVersion } = observed.metadata;
  return {
    uid,
    resourceVersion,
    labels: { [LABEL.syncUid]: provenance.syncUid },
    annotations: {
      ...(observed.metadata.annotations?.[ANNOTATION.dependsOn] === undefined
        ? {}
        : { [ANNOTATION.dependsOn]: null }),
      ...ownAnnotations(key, keys, provenance),
      ...(reference === undefined ? {} : { [ANNOTATION.operatorVersion]: reference }),
    },
  };
}

/** What a write leaves on the Instance. */
interface Marks {
  readonly keys: ReadonlyMap<string, string>;
  /** The OperatorVersion that is written; undefined when none is. */
  readonly reference: string | undefined;
  readonly provenance: Provenance;
}

/** `<namespace>/<name>`, so that later it is known what Git last wrote. */
export function referenceText(
  key: Change['key'],
  { name, namespace = splitKey(key).namespace }: DesiredInstance['operatorVersion'],
): string {
  return `${namespace}/${name}`;
}

function ownAnnotations(
  key: Change['key'],
  keys: ReadonlyMap<string, string>,
  { token, syncUid, revision, path, dependsOn }: Provenance,
): Record<string, string> {
  return {
    ...(dependsOn ? { [ANNOTATION.dependsOn]: dependsOn.join(', ') } : {}),
    [ANNOTATION.change]: formatToken(token),
    [ANNOTATION.keys]: formatWrittenKeys(keys),
    [ANNOTATION.owner]: `${syncUid}:${key}`,
    [ANNOTATION.revision]: revision,
    [ANNOTATION.path]: path,
  };
}

function keysAfter(
  observed: Instance,
  edits: readonly ParameterEdit[],
): ReadonlyMap<string, string> {
  const keys = new Map(parseWrittenKeys(observed.metadata.annotations?.[ANNOTATION.keys]));
  for (const { name, to } of edits) {
    if (to === undefined) keys.delete(name);
    else keys.set(name, valueHash(to));
  }
  return keys;
}

function parametersPatch(edits: readonly ParameterEdit[]): Record<string, string | null> {
  return Object.fromEntries(edits.map(({ name, to }) => [name, to ?? null]));
}

/** Never adds a namespace that the Instance's reference does not need: that would be another upgrade. */
function referencePatch(
  { to, key }: Extract<Change, { kind: 'upgrade' }>,
  observed: Instance,
): { name: string; namespace?: string; uid?: string | null } {
  const current = observed.spec?.operatorVersion?.namespace;
  const content = contentPatch(to.uid, observed.spec?.operatorVersion?.uid);
  const wanted = to.namespace ?? splitKey(key).namespace;
  const isImplied = (current ?? '') === '' && wanted === splitKey(key).namespace;
  return isImplied || current === wanted
    ? { name: to.name, ...content }
    : { name: to.name, namespace: wanted, ...content };
}

/** A hash of the content of another version says nothing of this one: it is taken away. */
function contentPatch(
  wanted: string | undefined,
  current: string | undefined,
): { uid?: string | null } {
  return wanted === undefined && current === undefined ? {} : { uid: wanted ?? null };
}
