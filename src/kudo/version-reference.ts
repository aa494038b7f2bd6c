import type { Instance } from './objects.ts';

/**
 * Which OperatorVersion an Instance in the cluster refers to: one of its own namespace unless the reference
 * names another; an empty namespace names none (instance_types_helpers.go:117-122).
 */
export function versionReference({ metadata, spec }: Pick<Instance, 'metadata' | 'spec'>): {
  readonly namespace: string;
  readonly name: string;
} {
  const { name = '', namespace } = spec?.operatorVersion ?? {};
  return { namespace: namespace || (metadata.namespace ?? ''), name };
}
