import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { SyncJob } from './sync-job.ts';
import type { SyncSettings } from './sync-settings.ts';

/** What a pass over a Rollout is about. */
export interface RolloutTurn {
  readonly settings: SyncSettings;
  readonly job: SyncJob;
  readonly revision: RevisionState;
  readonly record: RolloutRecord;
}
