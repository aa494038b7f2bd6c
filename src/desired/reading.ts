import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import type {
  DesiredObject,
  DesiredPlanRun,
  DesiredPlanSchedule,
  RefusedRun,
} from '../model/desired.ts';
import type { DesiredCache } from './desired-cache.ts';
import type { InstanceDraft } from './instance-draft.ts';
import type { LayeredObjects } from './layered-objects.ts';
import type { PackagePin } from './package-pin.ts';
import type { ProblemList } from './problem-list.ts';
import type { FileSettings } from './file-settings.ts';
import type { UnreadableFiles } from './unreadable-files.ts';

/** What has been read so far of one revision. */
export interface Reading {
  readonly settings: FileSettings;
  readonly cache: DesiredCache;
  readonly problems: ProblemList;
  readonly unreadable: UnreadableFiles;
  /** Git tree hash by folder, where known. */
  readonly trees: ReadonlyMap<string, string>;
  readonly instances: LayeredObjects<InstanceDraft>;
  readonly operators: LayeredObjects<DesiredObject<Operator>>;
  readonly operatorVersions: LayeredObjects<DesiredObject<OperatorVersion>>;
  readonly packages: LayeredObjects<PackagePin>;
  readonly planRuns: LayeredObjects<DesiredPlanRun>;
  readonly planSchedules: LayeredObjects<DesiredPlanSchedule>;
  /** PlanRuns that could not be read whole. */
  readonly refusedRuns: RefusedRun[];
}
