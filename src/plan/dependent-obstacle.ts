import type { Instance } from '../kudo/objects.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { nameBeside } from './dependency-state.ts';
import type {
  DependencyObstacle,
  InstanceSituation,
  NumberedRecord,
} from './instance-situation.ts';
import { settleDeletion } from './settle-deletion.ts';

/** What is known of an Instance that depends on one that is to be deleted, and goes before it. */
export interface DependentFacts extends Pick<InstanceSituation, 'quietMs' | 'cleanup'> {
  readonly observed: Instance | undefined;
  /** Its records in the same Rollout. */
  readonly records: readonly NumberedRecord[];
}

/**
 * Why an Instance may not be deleted now: what depends on it may need it for its own cleanup, and must be
 * gone before. What stops comes first.
 */
export function dependentObstacle(
  key: ObjectKey,
  dependents: readonly ObjectKey[],
  factsOf: (key: ObjectKey) => DependentFacts,
): DependencyObstacle | undefined {
  const found = dependents.flatMap((dependent): DependencyObstacle[] => {
    const facts = factsOf(dependent);
    const name = nameBeside(key, dependent);
    switch (fateOf(facts)) {
      case 'gone':
        return [];
      case 'stuck':
        return [{ kind: 'stops', message: `waits for ${name}, which could not be deleted` }];
      case 'going':
        return [{ kind: 'waits', message: `waits for ${name}, which is to be deleted before` }];
    }
  });
  return found.find(({ kind }) => kind === 'stops') ?? found[0];
}

function fateOf(facts: DependentFacts): 'gone' | 'going' | 'stuck' {
  const deletion = facts.records.find(({ record }) => record.kind === 'delete')?.record;
  const { kind } = settleDeletion(deletion ?? {}, facts);
  if (kind === 'gone') return 'gone';
  return kind === 'failed' || deletion?.state === 'failed' ? 'stuck' : 'going';
}
