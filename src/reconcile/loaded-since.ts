import { PACKAGE_PROBLEM } from '../desired/read-pins.ts';
import { problemText, type Problem } from '../model/problem.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';

/**
 * True when a package that lives elsewhere was missing when the Rollout ended and is there now. Of one
 * commit and one Sync, only that may be different the next time it is read.
 */
export function isLoadedSince({ fields }: RolloutRecord, { desired }: RevisionState): boolean {
  const missing = (fields.problems ?? []).filter((text) => PACKAGE_PROBLEM.test(text));
  if (missing.length === 0) return false;
  const now = new Set(desired.problems.map(problemText));
  return missing.some((text) => !now.has(text)) && !desired.problems.some(isMissingPackage);
}

const isMissingPackage = ({ id }: Problem): boolean => id === 'package-not-loaded';
