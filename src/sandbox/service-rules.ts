import type { FieldCause } from './api-error.ts';
import { fieldsOf, listOf, textOf, valueAt, type ApiObject, type Fields } from './api-object.ts';
import type { ResourceRules } from './resource-registry.ts';

const HEADLESS = 'None';

/** Services get a cluster IP of 10.96.0.0/16 in the order of their creation, and their defaults. */
export function serviceRules(): ResourceRules {
  let allocated = 0;
  const allocate = (): string => {
    allocated += 1;
    return `10.96.${Math.floor(allocated / 250) % 250}.${(allocated % 250) + 1}`;
  };
  return {
    complete: (service, previous) => {
      const spec = fieldsOf(service['spec']);
      const type = textOf(spec['type']) || 'ClusterIP';
      const kept = textOf(valueAt(previous, 'spec', 'clusterIP'));
      const own = textOf(spec['clusterIP']) || kept;
      const clusterIP = own === '' && type !== 'ExternalName' ? allocate() : own;
      return {
        ...service,
        spec: {
          sessionAffinity: 'None',
          internalTrafficPolicy: 'Cluster',
          ...spec,
          type,
          ports: listOf(spec['ports']).map(completePort),
          ...(clusterIP === ''
            ? {}
            : {
                clusterIP,
                clusterIPs: [clusterIP],
                ipFamilies: ['IPv4'],
                ipFamilyPolicy: 'SingleStack',
              }),
        },
        status: service['status'] ?? previous?.['status'] ?? { loadBalancer: {} },
      };
    },
    validate,
  };
}

function completePort(port: unknown): Fields {
  const fields = fieldsOf(port);
  return { protocol: 'TCP', targetPort: fields['port'], ...fields };
}

function validate(service: ApiObject, previous: ApiObject | undefined): FieldCause[] {
  const before = textOf(valueAt(previous, 'spec', 'clusterIP'));
  const now = textOf(valueAt(service, 'spec', 'clusterIP'));
  const causes: FieldCause[] = [];
  const hasPorts = listOf(valueAt(service, 'spec', 'ports')).length > 0;
  if (!hasPorts && now !== HEADLESS && valueAt(service, 'spec', 'type') !== 'ExternalName') {
    causes.push({ reason: 'FieldValueRequired', field: 'spec.ports', message: 'Required value' });
  }
  if (before !== '' && now !== before) {
    const message = `Invalid value: "${now}": field is immutable`;
    causes.push({ reason: 'FieldValueInvalid', field: 'spec.clusterIPs[0]', message });
  }
  return causes;
}
