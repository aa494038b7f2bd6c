import { admissionTrouble } from '../cluster/admission-probe.ts';
import { getIfThere } from '../cluster/apply-object.ts';
import type { CustomResourceDefinition, Schema } from '../cluster/crd-schema.ts';
import { GITOPS_CRDS } from '../cluster/gitops-crds.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { readKudoStatus } from '../cluster/kudo-status.ts';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS } from '../cluster/resources.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { Check } from './check-list.ts';

/** Kubernetes, KUDO's and our custom resources, the engine and its webhook, the clocks. */
export async function clusterChecks(client: KubeClient, scope: Scope): Promise<readonly Check[]> {
  const kudo = await readKudoStatus(client, scope);
  return [
    ...kudo.map(({ check, isGood, detail }): Check => {
      if (check === 'Kubernetes') return kubernetesCheck(detail);
      const state = isGood ? 'good' : 'bad';
      return { check, state, detail, hint: 'kudo-gitops engine install' };
    }),
    await admissionCheck(client, scope),
    await definitionsCheck(client, scope),
    await clockCheck(client, scope),
  ];
}

/** Custom resources as ours came with 1.22 (apiextensions.k8s.io/v1beta1 went). */
const MIN_MINOR = 22;

/** Whether KUDO and this program run on a Kubernetes of this version. */
export function kubernetesCheck(version: string): Check {
  const minor = Number(/^v1\.(\d+)/.exec(version)?.[1]);
  if (minor >= MIN_MINOR) return { check: 'Kubernetes', state: 'good', detail: version };
  const detail = `${version} is older than v1.${MIN_MINOR}`;
  return { check: 'Kubernetes', state: 'bad', detail };
}

async function admissionCheck(client: KubeClient, scope: Scope): Promise<Check> {
  const check = 'admission';
  const trouble = await admissionTrouble(client, scope);
  if (trouble === undefined) return { check, state: 'good', detail: 'Instances are judged' };
  const hint = 'nothing runs plans: see "kudo-gitops engine status"';
  return { check, state: 'bad', detail: `nobody judges Instances: ${trouble}`, hint };
}

interface FoundDefinition extends KubeObject {
  readonly spec: {
    readonly versions: readonly {
      readonly name: string;
      readonly schema?: { readonly openAPIV3Schema?: Schema };
    }[];
  };
}

/** Whether the cluster's definitions of our objects have every field that this program writes and reads. */
async function definitionsCheck(client: KubeClient, scope: Scope): Promise<Check> {
  const check = 'our resources';
  const hint = 'kubectl apply -k deploy/crds';
  const missing: string[] = [];
  for (const crd of GITOPS_CRDS) {
    const { name } = crd.metadata;
    const path = { ...CUSTOM_RESOURCE_DEFINITIONS, name };
    const found = await getIfThere<FoundDefinition>(client, path, scope);
    missing.push(...(found ? missingFields(crd, found) : [name]));
  }
  if (missing.length > 0) {
    return { check, state: 'bad', detail: `missing: ${missing.slice(0, 10).join(', ')}`, hint };
  }
  const names = GITOPS_CRDS.map(({ spec }) => spec.names['plural']).join(', ');
  return { check, state: 'good', detail: names };
}

function missingFields(ours: CustomResourceDefinition, { spec }: FoundDefinition): string[] {
  const [own] = ours.spec.versions;
  const there = spec.versions.find(({ name }) => name === own.name)?.schema?.openAPIV3Schema;
  const known = new Set(fieldsOf(there, ''));
  return fieldsOf(own.schema.openAPIV3Schema, '')
    .filter((field) => !known.has(field))
    .map((field) => `${String(ours.spec.names['kind'])}${field}`);
}

function fieldsOf(schema: Schema | undefined, at: string): string[] {
  const inner = Object.entries(schema?.properties ?? {}).flatMap(([name, field]) => [
    `${at}.${name}`,
    ...fieldsOf(field, `${at}.${name}`),
  ]);
  return schema?.items ? [...inner, ...fieldsOf(schema.items, `${at}[]`)] : inner;
}

/** Kubernetes' times are whole seconds, and the question takes a moment. */
const MAX_SKEW_MS = 5_000;

async function clockCheck(client: KubeClient, scope: Scope): Promise<Check> {
  const check = 'clock';
  const path = { ...CONFIG_MAPS, namespace: 'default' };
  const metadata = { name: 'kudo-gitops-clock-probe', namespace: 'default' };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  try {
    const asked = scope.clock.now();
    const { metadata: made } = await client.create(path, body, { dryRun: true }, scope);
    const there = Date.parse(made.creationTimestamp ?? '');
    return skewCheck(there, asked, scope.clock.now());
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const detail = `the API server's clock cannot be read: ${thrown.message}`;
    return { check, state: 'unknown', detail };
  }
}

/** `there` lies between the question and its answer when the clocks agree; times in epoch ms. */
export function skewCheck(there: number, asked: number, answered: number): Check {
  const check = 'clock';
  const early = asked - 1_000 - there; // its second began up to a second before
  const late = there - answered;
  const skewMs = Math.max(early, late, 0);
  if (Number.isNaN(there)) return { check, state: 'unknown', detail: 'no time in the answer' };
  if (skewMs <= MAX_SKEW_MS) return { check, state: 'good', detail: 'agrees with the API server' };
  const seconds = Math.round(skewMs / 1_000);
  return {
    check,
    state: 'bad',
    detail: `${seconds} s ${early > late ? 'ahead of' : 'behind'} the API server`,
    hint: 'set the clocks by NTP: certificates and schedules depend on them',
  };
}
