import type { Instance, InstanceSpec, OperatorVersion, Parameter } from '../../src/kudo/objects.ts';

/** An OperatorVersion with the named plans, all empty, and parameters. */
export function anOperatorVersion(
  name: string,
  plans: readonly string[],
  parameters: readonly Parameter[] = [],
): OperatorVersion {
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'OperatorVersion',
    metadata: { name, namespace: 'shop' },
    spec: {
      operator: { name: 'kafka', kind: 'Operator' },
      version: '1.0.0',
      plans: Object.fromEntries(plans.map((plan) => [plan, { strategy: 'serial', phases: [] }])),
      parameters,
    },
  };
}

/** The Instance `shop/kafka`. */
export function anInstance(spec: InstanceSpec = {}, metadata: object = {}): Instance {
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: { name: 'kafka', namespace: 'shop', ...metadata },
    spec: { operatorVersion: { name: 'kafka-1' }, ...spec },
  };
}
