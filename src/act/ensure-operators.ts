import { KubeError, type KubeClient, type Resource } from '../cluster/kube-client.ts';
import { OPERATOR_VERSIONS, OPERATORS } from '../cluster/resources.ts';
import { CONVERTER_VERSION } from '../kudo/convert-package.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import { sameContent } from '../kudo/same-content.ts';
import type { Scope } from '../lib/scope.ts';
import type { DesiredObject } from '../model/desired.ts';
import type { KubeObject, ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION, FIELD_MANAGER } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';

/** What a revision wants, and what is to be done for it. */
export interface WantedOperators {
  readonly operators: readonly DesiredObject<Operator>[];
  readonly versions: readonly WantedVersion[];
}

/** An OperatorVersion, and what `operatorVersionStep` says about it. */
export interface WantedVersion {
  readonly wanted: DesiredObject<OperatorVersion>;
  readonly step:
    | { readonly kind: 'create' | 'keep' }
    | { readonly kind: 'replace'; readonly observed: OperatorVersion }
    | { readonly kind: 'refuse'; readonly problem: Problem };
  /** Why it must not be replaced yet. */
  readonly busy?: string | undefined;
}

/** What the cluster has, as last seen. */
export interface ObservedOperators {
  operator(key: ObjectKey): Operator | undefined;
  /** Takes over the answer to a write. */
  wrote(object: Operator | OperatorVersion): void;
}

/** What came of it. */
export interface EnsuredOperators {
  readonly created: readonly ObjectKey[];
  readonly replaced: readonly ObjectKey[];
  readonly refused: readonly Problem[];
  /** OperatorVersions that are to be replaced, and what that waits for. */
  readonly waiting: ReadonlyMap<ObjectKey, string>;
}

/**
 * Creates the Operators and OperatorVersions of a revision that the cluster lacks, Operators first, and
 * replaces the content of OperatorVersions whose Instances are idle.
 */
export async function ensureOperators(
  { operators, versions }: WantedOperators,
  observed: ObservedOperators,
  client: KubeClient,
  scope: Scope,
): Promise<EnsuredOperators> {
  const done: Done = { created: [], replaced: [], refused: [], waiting: new Map() };
  for (const wanted of operators) {
    if (observed.operator(wanted.key)) continue;
    const operator = await createMissing(OPERATORS, wanted, client, scope);
    if ('message' in operator) done.refused.push(operator);
    else observed.wrote(operator);
  }
  for (const version of versions) {
    const { step, busy, wanted } = version;
    if (step.kind === 'refuse') done.refused.push(step.problem);
    else if (step.kind === 'replace' && busy !== undefined) done.waiting.set(wanted.key, busy);
    else if (step.kind !== 'keep') {
      const made = await writeVersion(wanted, step, client, scope);
      note(version, made, done);
      if (!('message' in made)) observed.wrote(made);
    }
  }
  return done;
}

interface Done {
  readonly created: ObjectKey[];
  readonly replaced: ObjectKey[];
  readonly refused: Problem[];
  readonly waiting: Map<ObjectKey, string>;
}

function note(
  { wanted, step }: WantedVersion,
  made: OperatorVersion | Problem,
  { created, replaced, refused }: Done,
): void {
  if ('message' in made) {
    refused.push(made);
    return;
  }
  (step.kind === 'create' ? created : replaced).push(wanted.key);
  if (!sameContent(made, wanted.object)) refused.push(notKept(wanted));
}

async function writeVersion(
  wanted: DesiredObject<OperatorVersion>,
  step: Extract<WantedVersion['step'], { kind: 'create' | 'keep' | 'replace' }>,
  client: KubeClient,
  scope: Scope,
): Promise<OperatorVersion | Problem> {
  if (step.kind !== 'replace') return createMissing(OPERATOR_VERSIONS, wanted, client, scope);
  return orRefusal(wanted, () => replace(wanted, step.observed, client, scope));
}

/**
 * Writes spec and marks in one guarded write: whoever reads the new content also reads that the Instances
 * are to be upgraded to it.
 */
async function replace(
  wanted: DesiredObject<OperatorVersion>,
  { metadata }: OperatorVersion,
  client: KubeClient,
  scope: Scope,
): Promise<OperatorVersion> {
  const { uid, resourceVersion, namespace, name } = metadata;
  const before = metadata.annotations?.[ANNOTATION.contentHash] ?? 'unknown';
  const annotations = {
    ...metadata.annotations,
    ...wanted.object.metadata.annotations,
    ...provenance(wanted),
    [ANNOTATION.replaced]: before,
  };
  const body = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/annotations', value: annotations },
    { op: 'add', path: '/spec', value: wanted.object.spec ?? {} },
  ];
  const patch = { type: 'json', body, fieldManager: FIELD_MANAGER } as const;
  try {
    return await client.patch({ ...OPERATOR_VERSIONS, namespace, name }, patch, scope);
  } catch (thrown) {
    if (!(thrown instanceof KubeError) || thrown.code !== 422) throw thrown;
    // A test failed: it is another one by now, which the next pass sees.
    throw new KubeError(409, 'Conflict', `OperatorVersion ${wanted.key} changed meanwhile`);
  }
}

/** A mutating webhook, or a CRD other than KUDO's, made something else of it. */
function notKept(wanted: DesiredObject<OperatorVersion>): Problem {
  return {
    id: 'operator-version-changed',
    severity: 'error',
    ...wanted.position,
    message: `OperatorVersion ${wanted.key} is in the cluster with other content under the same name`,
    hint: 'raise operatorVersion in operator.yaml and let the Instances refer to the new name',
  };
}

/** The object in the cluster, or why the API server does not take it. */
async function createMissing<T extends KubeObject>(
  resource: Resource,
  wanted: DesiredObject<T>,
  client: KubeClient,
  scope: Scope,
): Promise<T | Problem> {
  const { object } = wanted;
  const { namespace, name } = object.metadata;
  const annotations = { ...object.metadata.annotations, ...provenance(wanted) };
  const body = { ...object, metadata: { ...object.metadata, annotations } };
  return orRefusal(wanted, async () => {
    try {
      const path = { ...resource, namespace };
      return await client.create<T>(path, body, { fieldManager: FIELD_MANAGER }, scope);
    } catch (thrown) {
      if (!(thrown instanceof KubeError) || thrown.code !== 409) throw thrown;
      return client.get<T>({ ...resource, namespace, name }, scope);
    }
  });
}

function provenance<T extends KubeObject>({
  contentHash,
  madeFrom,
}: DesiredObject<T>): Record<string, string> {
  return {
    [ANNOTATION.contentHash]: contentHash,
    ...(madeFrom && {
      [ANNOTATION.packageHash]: madeFrom.packageHash,
      [ANNOTATION.converter]: CONVERTER_VERSION,
      ...(madeFrom.source === undefined ? {} : { [ANNOTATION.packageSource]: madeFrom.source }),
    }),
  };
}

/** What only another file, or another cluster, helps against. */
const REFUSED: ReadonlySet<number> = new Set([400, 404, 413, 422]);

async function orRefusal<T extends KubeObject>(
  { object, position }: DesiredObject<T>,
  write: () => Promise<T>,
): Promise<T | Problem> {
  try {
    return await write();
  } catch (thrown) {
    if (!(thrown instanceof KubeError) || !REFUSED.has(thrown.code)) throw thrown;
    const message = `the API server refuses ${object.kind} ${object.metadata.name}: ${thrown.message}`;
    return { id: 'refused-by-the-api-server', severity: 'error', ...position, message };
  }
}
