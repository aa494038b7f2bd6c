/** What happens to a value that others changed: it is set back, only told, or not even told. */
export const DRIFT_POLICIES = ['correct', 'report', 'ignore'] as const;
export type DriftPolicy = (typeof DRIFT_POLICIES)[number];

/** False for a word that is none, and for none. */
export function isDriftPolicy(text: string | undefined): text is DriftPolicy {
  return DRIFT_POLICIES.some((policy) => policy === text);
}
