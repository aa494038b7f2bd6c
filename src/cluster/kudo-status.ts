import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { admissionTrouble } from './admission-probe.ts';
import { getIfThere } from './apply-object.ts';
import { readServerVersion } from './discovery.ts';
import type { KubeClient } from './kube-client.ts';
import { readKudoCertificate } from './kudo-certificate.ts';
import { isManagedByUs, KUDO_MANAGER, KUDO_NAMESPACE, KUDO_WEBHOOK } from './kudo-install.ts';
import { KUDO_CRDS } from './kudo-crds.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, MUTATING_WEBHOOKS, STATEFUL_SETS } from './resources.ts';

/** One thing that must be so for KUDO to work. */
export interface KudoCheck {
  readonly check: string;
  readonly isGood: boolean;
  readonly detail: string;
}

/** Whether KUDO is installed and can work, point by point. */
export async function readKudoStatus(
  client: KubeClient,
  scope: Scope,
): Promise<readonly KudoCheck[]> {
  const version = await readServerVersion(client, scope);
  return [
    { check: 'Kubernetes', isGood: true, detail: version },
    await definitionsCheck(client, scope),
    await managerCheck(client, scope),
    await webhookCheck(client, scope),
    await certificateCheck(client, scope),
  ];
}

async function definitionsCheck(client: KubeClient, scope: Scope): Promise<KudoCheck> {
  const check = 'custom resources';
  const missing: string[] = [];
  for (const { metadata } of KUDO_CRDS) {
    const path = { ...CUSTOM_RESOURCE_DEFINITIONS, name: metadata.name };
    if (!(await getIfThere(client, path, scope))) missing.push(metadata.name);
  }
  if (missing.length > 0) return { check, isGood: false, detail: `missing: ${missing.join(', ')}` };
  return { check, isGood: true, detail: 'operators, operatorversions, instances' };
}

interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { image: string }[] } };
  };
  readonly status?: { readonly readyReplicas?: number };
}

async function managerCheck(client: KubeClient, scope: Scope): Promise<KudoCheck> {
  const check = 'manager';
  const path = { ...STATEFUL_SETS, namespace: KUDO_NAMESPACE, name: KUDO_MANAGER };
  const manager = await getIfThere<StatefulSet>(client, path, scope);
  if (!manager) return { check, ...(await servedElsewhere(client, scope)) };
  const images = manager.spec.template.spec.containers
    .map((container) => container.image)
    .join(', ');
  const isGood = (manager.status?.readyReplicas ?? 0) > 0;
  const owner = isManagedByUs(manager) ? '' : ', not installed by kudo-gitops';
  return { check, isGood, detail: `${images} ${isGood ? 'is ready' : 'is not ready'}${owner}` };
}

/** An engine may run anywhere, as that of the sandbox does: then the webhook has its URL. */
async function servedElsewhere(
  client: KubeClient,
  scope: Scope,
): Promise<Pick<KudoCheck, 'isGood' | 'detail'>> {
  const url = (await readWebhook(client, scope))?.clientConfig?.url;
  if (url === undefined) return { isGood: false, detail: 'not installed' };
  const trouble = await admissionTrouble(client, scope);
  return trouble === undefined
    ? { isGood: true, detail: `not installed here, but admission is served by ${url}` }
    : { isGood: false, detail: `not installed here, and ${url} serves no admission: ${trouble}` };
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly {
    readonly admissionReviewVersions?: readonly string[];
    readonly clientConfig?: { readonly url?: string };
    readonly failurePolicy?: string;
  }[];
}

async function readWebhook(
  client: KubeClient,
  scope: Scope,
): Promise<NonNullable<WebhookConfiguration['webhooks']>[number] | undefined> {
  const path = { ...MUTATING_WEBHOOKS, name: KUDO_WEBHOOK };
  return (await getIfThere<WebhookConfiguration>(client, path, scope))?.webhooks?.[0];
}

async function webhookCheck(client: KubeClient, scope: Scope): Promise<KudoCheck> {
  const check = 'webhook';
  const webhook = await readWebhook(client, scope);
  if (!webhook) {
    return { check, isGood: false, detail: 'not registered: changed Instances run no plan' };
  }
  const [first] = webhook.admissionReviewVersions ?? [];
  if (first !== 'v1beta1') {
    const detail = `asks for ${first ?? 'no'} reviews first, which KUDO cannot read`;
    return { check, isGood: false, detail };
  }
  return { check, isGood: true, detail: 'registered for Instances' };
}

async function certificateCheck(client: KubeClient, scope: Scope): Promise<KudoCheck> {
  const check = 'certificate';
  const certificate = await readKudoCertificate(client, scope);
  if (!certificate) return { check, isGood: true, detail: 'not looked after by kudo-gitops' };
  const { endsAt, need } = certificate;
  if (endsAt === undefined) return { check, isGood: false, detail: 'there is none' };
  const day = new Date(endsAt).toISOString().slice(0, 10);
  if (endsAt <= scope.clock.now()) return { check, isGood: false, detail: `ended on ${day}` };
  if (need === 'trust') {
    return {
      check,
      isGood: false,
      detail: `valid until ${day}, but the API server does not trust it`,
    };
  }
  return { check, isGood: true, detail: `valid until ${day}` };
}
