import type { InstancePlan } from '../model/change.ts';
import type { InstanceSituation } from '../plan/instance-situation.ts';
import { maskSecrets } from '../plan/mask-secrets.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** An Event for each value that others changed and that is left as it is. */
export function tellDrift(
  { drift = [] }: InstancePlan,
  { observed, secrets }: Pick<InstanceSituation, 'observed' | 'secrets'>,
  { driftEvents }: Pick<ReconcileContext, 'driftEvents'>,
): void {
  if (!observed) return;
  for (const text of drift) {
    const message = maskSecrets(text, secrets);
    driftEvents.tell(observed, { type: 'Warning', reason: 'Drifted', message });
  }
}
