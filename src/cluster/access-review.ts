import type { KubeObject } from '../model/kube-object.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeClient, Resource } from './kube-client.ts';
import type { PolicyRule } from './required-rules.ts';

/** One thing that somebody may or may not do at the API server. */
export interface Access {
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

/**
 * Which of `wanted` the API server would refuse to a service account (`namespace/name`), or to oneself, in
 * words such as `patch instances.kudo.dev`.
 */
export async function refusedAccess(
  wanted: readonly Access[],
  serviceAccount: string | undefined,
  client: KubeClient,
  scope: Scope,
): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const access of wanted) {
    if (!(await isAllowed(access, serviceAccount, client, scope))) refused.push(textOf(access));
  }
  return refused;
}

/** What a rule gives, one by one. */
export function accessesOf({
  apiGroups,
  resources,
  resourceNames = [],
  verbs,
}: PolicyRule): Access[] {
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
