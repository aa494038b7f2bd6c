import type { InstancePlan } from '../model/change.ts';
import { ANNOTATION } from '../model/names.ts';
import type { InstanceSituation } from '../plan/instance-situation.ts';
import { maskSecrets } from '../plan/mask-secrets.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** An Event for each value that others changed since our last write, and that is left as it is. */
export function tellDrift(
  { drift = [] }: InstancePlan,
  { observed, secrets }: Pick<InstanceSituation, 'observed' | 'secrets'>,
  { driftEvents }: Pick<ReconcileContext, 'driftEvents'>,
): void {
  if (!observed) return;
  const lastWrite = observed.metadata.annotations?.[ANNOTATION.change] ?? '';
  for (const { text, identity } of drift) {
    const event = {
      type: 'Warning',
      reason: 'Drifted',
      message: maskSecrets(text, secrets),
    } as const;
    driftEvents.tell(observed, event, `${lastWrite} ${identity}`);
  }
}
