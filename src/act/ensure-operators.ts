import { KubeError, type KubeClient, type Resource } from '../cluster/kube-client.ts';
import { OPERATOR_VERSIONS, OPERATORS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import type { DesiredObject, DesiredState } from '../model/desired.ts';
import type { KubeObject, ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION, FIELD_MANAGER } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';

/** What the cluster has, as last seen. */
export interface ObservedOperators {
  operator(key: ObjectKey): Operator | undefined;
  operatorVersion(key: ObjectKey): OperatorVersion | undefined;
  /** Takes over the answer to a write. */
  wrote(object: Operator | OperatorVersion): void;
}

/**
 * Creates the Operators and OperatorVersions of a revision that the cluster lacks; Operators first.
 * An OperatorVersion is content under a name: one whose content differs is refused, because KUDO would
 * run no plan for it and plans under way would change.
 *
 * @returns the OperatorVersions that were created, and a problem for each that is refused
 */
export async function ensureOperators(
  desired: Pick<DesiredState<Operator, OperatorVersion>, 'operators' | 'operatorVersions'>,
  observed: ObservedOperators,
  client: KubeClient,
  scope: Scope,
): Promise<{ created: readonly ObjectKey[]; refused: readonly Problem[] }> {
  const created: ObjectKey[] = [];
  const refused: Problem[] = [];
  for (const wanted of desired.operators.values()) {
    if (observed.operator(wanted.key)) continue;
    const operator = await createMissing(OPERATORS, wanted, client, scope);
    if ('message' in operator) refused.push(operator);
    else observed.wrote(operator);
  }
  for (const wanted of desired.operatorVersions.values()) {
    let existing = observed.operatorVersion(wanted.key);
    if (!existing) {
      const made = await createMissing(OPERATOR_VERSIONS, wanted, client, scope);
      if ('message' in made) {
        refused.push(made);
        continue;
      }
      existing = made;
      observed.wrote(existing);
      created.push(wanted.key);
    }
    if (!sameContent(existing, wanted.object)) refused.push(refusal(wanted));
  }
  return { created, refused };
}

/** What was compared last; packages are large and the same two are compared at every pass. */
const compared = new WeakMap<OperatorVersion, { with: OperatorVersion; same: boolean }>();

/** True when KUDO would see no difference: absent, null and empty values are one. */
export function sameContent(a: OperatorVersion, b: OperatorVersion): boolean {
  const known = compared.get(a);
  if (known?.with === b) return known.same;
  const same = JSON.stringify(normal(a.spec ?? {})) === JSON.stringify(normal(b.spec ?? {}));
  compared.set(a, { with: b, same });
  return same;
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, normal(inner)] as const)
    // A default of "" is a default; everywhere else "" and false say what absence says.
    .filter(([name, inner]) => !isEmpty(inner) || (name === 'default' && inner === ''))
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return Array.isArray(value) && value.length === 0;
}

function refusal(wanted: DesiredObject<OperatorVersion>): Problem {
  return {
    id: 'operator-version-changed',
    severity: 'error',
    ...wanted.position,
    message: `OperatorVersion ${wanted.key} is in the cluster with other content under the same name`,
    hint: 'raise operatorVersion in operator.yaml and let the Instances refer to the new name',
  };
}

/** What only another file, or another cluster, helps against. */
const REFUSED: ReadonlySet<number> = new Set([400, 404, 413, 422]);

/** The object in the cluster, or why the API server does not take it. */
async function createMissing<T extends KubeObject>(
  resource: Resource,
  { object, contentHash, position }: DesiredObject<T>,
  client: KubeClient,
  scope: Scope,
): Promise<T | Problem> {
  const { namespace, name } = object.metadata;
  const annotations = { ...object.metadata.annotations, [ANNOTATION.packageHash]: contentHash };
  const body = { ...object, metadata: { ...object.metadata, annotations } };
  try {
    const path = { ...resource, namespace };
    return await client.create<T>(path, body, { fieldManager: FIELD_MANAGER }, scope);
  } catch (thrown) {
    if (!(thrown instanceof KubeError)) throw thrown;
    if (thrown.code === 409) return client.get<T>({ ...resource, namespace, name }, scope);
    if (!REFUSED.has(thrown.code)) throw thrown;
    const message = `the API server refuses ${object.kind} ${name}: ${thrown.message}`;
    return { id: 'refused-by-the-api-server', severity: 'error', ...position, message };
  }
}
