import type { KubeClient, Resource } from '../cluster/kube-client.ts';
import { LEASE_RULES, REQUIRED_RULES, type PolicyRule } from '../cluster/required-rules.ts';
import type { Scope } from '../lib/scope.ts';
import { splitKey, type KubeObject, type ObjectKey } from '../model/kube-object.ts';
import type { Check } from './check-list.ts';

/** One thing that the service does at the API server. */
interface Access {
  readonly namespace?: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly verb: string;
}

interface AccessReview extends KubeObject {
  readonly status?: { readonly allowed?: boolean };
}

const reviews = (plural: string): Resource => ({
  group: 'authorization.k8s.io',
  version: 'v1',
  plural,
});

/** Whether the service's verbs are allowed: to a service account (`namespace/name`), or to oneself. */
export async function accessCheck(
  serviceAccount: string | undefined,
  client: KubeClient,
  scope: Scope,
): Promise<Check> {
  const check = 'access';
  const wanted = REQUIRED_RULES.flatMap(accessesOf);
  const missing = await missingOf(wanted, serviceAccount, client, scope);
  const who = nameOf(serviceAccount);
  if (missing.length === 0) {
    return { check, state: 'good', detail: `${who} may do all ${wanted.length} things` };
  }
  const hint = 'bind the ClusterRole of deploy/kustomize';
  return { check, state: 'bad', detail: `${who} may not ${missing.join(', ')}`, hint };
}

/** The Lease of deploy/kustomize. */
const USUAL_LEASE: ObjectKey = 'kudo-gitops/kudo-gitops';

/**
 * Whether `run --lease` may hold its Lease: without it a service stands by for ever.
 *
 * @param named the Lease, where the user says which; otherwise the one of deploy/kustomize, which may be in no use
 */
export async function leaseCheck(
  named: ObjectKey | undefined,
  serviceAccount: string | undefined,
  client: KubeClient,
  scope: Scope,
): Promise<Check> {
  const check = 'lease';
  const key = named ?? USUAL_LEASE;
  const { namespace, name } = splitKey(key);
  const wanted = LEASE_RULES.flatMap(accessesOf).map(({ verb, ...what }): Access => {
    // Nothing has a name before it is there.
    return { ...what, verb, namespace, ...(verb === 'create' ? {} : { name }) };
  });
  const missing = await missingOf(wanted, serviceAccount, client, scope);
  const who = nameOf(serviceAccount);
  if (missing.length === 0) return { check, state: 'good', detail: `${who} may hold ${key}` };
  const detail = `${who} may not ${missing.join(', ')}: with --lease ${key} it would never work`;
  const hint = 'bind the Role of deploy/kustomize, or say which Lease is in use with --lease';
  return { check, state: named === undefined ? 'warning' : 'bad', detail, hint };
}

async function missingOf(
  wanted: readonly Access[],
  serviceAccount: string | undefined,
  client: KubeClient,
  scope: Scope,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const access of wanted) {
    if (!(await isAllowed(access, serviceAccount, client, scope))) missing.push(textOf(access));
  }
  return missing;
}

const nameOf = (serviceAccount: string | undefined): string =>
  serviceAccount === undefined ? 'this user' : `service account ${serviceAccount}`;

function accessesOf({ apiGroups, resources, resourceNames = [], verbs }: PolicyRule): Access[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((path) => {
      const [resource = '', subresource] = path.split('/');
      const what = { group, resource, ...(subresource === undefined ? {} : { subresource }) };
      return verbs.flatMap((verb): Access[] =>
        resourceNames.length === 0
          ? [{ ...what, verb }]
          : resourceNames.map((name) => ({ ...what, name, verb })),
      );
    }),
  );
}

async function isAllowed(
  access: Access,
  serviceAccount: string | undefined,
  client: KubeClient,
  scope: Scope,
): Promise<boolean> {
  const kind = serviceAccount === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
  const [namespace, name] = serviceAccount?.split('/') ?? [];
  const user = { user: `system:serviceaccount:${namespace ?? ''}:${name ?? ''}`, groups: [] };
  const spec = {
    resourceAttributes: access,
    ...(serviceAccount === undefined ? {} : { ...user, groups: groupsOf(namespace ?? '') }),
  };
  const path = reviews(`${kind.toLowerCase()}s`);
  const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec };
  const review = await client.create<AccessReview>(path, body, {}, scope);
  return review.status?.allowed === true;
}

/** Groups of every service account (Kubernetes, "Authenticating", service account tokens). */
const groupsOf = (namespace: string): readonly string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
  'system:authenticated',
];

function textOf({ group, resource, subresource, namespace, name, verb }: Access): string {
  const kind = [resource, ...(group === '' ? [] : [group])].join('.');
  const path = subresource === undefined ? kind : `${kind}/${subresource}`;
  const which = [name ?? [], namespace === undefined ? [] : `in ${namespace}`].flat();
  return [verb, path, ...which].join(' ');
}
