import type { KubeClient, Resource } from '../cluster/kube-client.ts';
import { REQUIRED_RULES, type PolicyRule } from '../cluster/required-rules.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { Check } from './check-list.ts';

/** One thing that the service does at the API server. */
interface Access {
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
  const wanted = REQUIRED_RULES.flatMap(accessesOf);
  const missing: string[] = [];
  for (const access of wanted) {
    if (!(await isAllowed(access, serviceAccount, client, scope))) missing.push(textOf(access));
  }
  const who = serviceAccount === undefined ? 'this user' : `service account ${serviceAccount}`;
  if (missing.length === 0) {
    return { check: 'access', state: 'good', detail: `${who} may do all ${wanted.length} things` };
  }
  return {
    check: 'access',
    state: 'bad',
    detail: `${who} may not ${missing.join(', ')}`,
    hint: 'bind the ClusterRole of deploy/kustomize',
  };
}

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

function textOf({ group, resource, subresource, name, verb }: Access): string {
  const kind = [resource, ...(group === '' ? [] : [group])].join('.');
  return `${verb} ${kind}${subresource === undefined ? '' : `/${subresource}`}${name === undefined ? '' : ` ${name}`}`;
}
