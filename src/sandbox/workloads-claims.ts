import type { Api } from './api-context.ts';
import { fieldsOf, listOf, valueAt } from './api-object.ts';
import type { Controller } from './controller.ts';
import { keyOf, objectOf, writeField, writeStatus, type ResourceId } from './workloads-access.ts';

const CLAIMS: ResourceId = '/v1/persistentvolumeclaims';

/** Binds each PersistentVolumeClaim to a volume of the size it asks for; there is no such volume. */
export function claimController(api: Api): Controller {
  return {
    name: 'claims',
    keysOf: ({ storage, type, object }) =>
      storage === 'persistentvolumeclaims' && type !== 'DELETED' ? [keyOf(object)] : [],
    reconcile: async (key) => {
      const claim = objectOf(CLAIMS, key, api);
      if (claim === undefined || valueAt(claim, 'status', 'phase') === 'Bound') return undefined;
      const value = `pvc-${claim.metadata.uid ?? ''}`;
      await writeField(CLAIMS, claim, { path: ['spec', 'volumeName'], value }, api);
      const status = {
        phase: 'Bound',
        accessModes: listOf(valueAt(claim, 'spec', 'accessModes')),
        capacity: fieldsOf(valueAt(claim, 'spec', 'resources', 'requests')),
      };
      await writeStatus(CLAIMS, claim, status, api);
      return undefined;
    },
  };
}
