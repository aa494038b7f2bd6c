import type { DesiredInstance } from '../../src/model/desired.ts';
import type { RevisionState } from '../../src/reconcile/revision-reader.ts';

/** A commit that says these Instances and, unless told, nothing else. */
export function revisionState(
  instances: readonly DesiredInstance[],
  more: Partial<RevisionState['desired']> = {},
): RevisionState {
  return {
    commit: {
      oid: 'b'.repeat(40),
      parents: [],
      author: { name: 'Ann', email: 'ann@example.org' },
      committedAt: '2026-01-01T00:00:00Z',
      subject: 'A change',
    },
    desired: {
      operators: new Map(),
      operatorVersions: new Map(),
      instances: new Map(instances.map((instance) => [instance.key, instance])),
      planRuns: new Map(),
      planSchedules: new Map(),
      problems: [],
      incomplete: false,
      mayHave: () => false,
      ...more,
    },
    hashes: new Map(),
    replacesVersions: false,
    isWorthAnotherLook: false,
  };
}
