import { accessesOf, refusedAccess, type Access } from '../cluster/access-review.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { LEASE_RULES, REQUIRED_RULES } from '../cluster/required-rules.ts';
import type { Scope } from '../lib/scope.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import type { Check } from './check-list.ts';

/** Whether the service's verbs are allowed: to a service account (`namespace/name`), or to oneself. */
export async function accessCheck(
  serviceAccount: string | undefined,
  client: KubeClient,
  scope: Scope,
): Promise<Check> {
  const check = 'access';
  const wanted = REQUIRED_RULES.flatMap(accessesOf);
  const missing = await refusedAccess(wanted, serviceAccount, client, scope);
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
  const missing = await refusedAccess(wanted, serviceAccount, client, scope);
  const who = nameOf(serviceAccount);
  if (missing.length === 0) return { check, state: 'good', detail: `${who} may hold ${key}` };
  const detail = `${who} may not ${missing.join(', ')}: with --lease ${key} it would never work`;
  const hint = 'bind the Role of deploy/kustomize, or say which Lease is in use with --lease';
  return { check, state: named === undefined ? 'warning' : 'bad', detail, hint };
}

const nameOf = (serviceAccount: string | undefined): string =>
  serviceAccount === undefined ? 'this user' : `service account ${serviceAccount}`;
