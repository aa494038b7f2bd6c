import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { versionReference } from '../kudo/version-reference.ts';
import { ANNOTATION } from '../model/names.ts';
import { withoutFormerPlanTexts } from '../plan/former-secrets.ts';
import { maskPlans } from '../plan/mask-secrets.ts';
import { secretNames } from '../plan/parameter-edits.ts';

export const MASK = '***';

/** Annotations in which other tools keep the whole object once more. */
const COPIES = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'kudo.dev/last-applied-configuration',
];

/**
 * Names of the parameters of `instance` whose values may not be shown: all of them while nothing is
 * known of its OperatorVersion, which is where most secrets are named.
 */
export function secretsOf(
  instance: Instance,
  findVersion: (namespace: string, name: string) => OperatorVersion | undefined,
): ReadonlySet<string> {
  const { namespace, name } = versionReference(instance);
  const version = findVersion(namespace, name);
  if (!version) return new Set(Object.keys(instance.spec?.parameters ?? {}));
  return secretNames({ annotations: instance.metadata.annotations ?? {} }, version);
}

/** The Instance for people and files: without managedFields, secret values and what could give them away or quotes them. */
export function maskInstance(instance: Instance, secrets: ReadonlySet<string>): Instance {
  const { managedFields: _, ...metadata } = instance.metadata;
  if (secrets.size === 0) return { ...instance, metadata };
  const parameters = Object.entries(instance.spec?.parameters ?? {}).map(([name, value]) => [
    name,
    secrets.has(name) ? MASK : value,
  ]);
  const annotations = Object.entries(metadata.annotations ?? {}).map(([name, value]) => [
    name,
    maskAnnotation(name, value, secrets),
  ]);
  const values = [...secrets].flatMap((name) => instance.spec?.parameters?.[name] ?? []);
  return {
    ...maskPlans(withoutFormerPlanTexts(instance), values),
    metadata: { ...metadata, annotations: Object.fromEntries(annotations) },
    spec: { ...instance.spec, parameters: Object.fromEntries(parameters) },
  };
}

function maskAnnotation(name: string, value: string, secrets: ReadonlySet<string>): string {
  if (COPIES.includes(name)) return MASK;
  if (name !== ANNOTATION.keys) return value;
  return value
    .split(',')
    .map((pair) => {
      const key = pair.slice(0, pair.indexOf('=')).trim();
      return secrets.has(key) ? `${key}=${MASK}` : pair;
    })
    .join(',');
}
