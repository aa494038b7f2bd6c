import { BYTE_TARGETS } from './byte-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { TEXT_TARGETS } from './text-targets.ts';

/** Every reader of what comes from Git, by name. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [...TEXT_TARGETS, ...BYTE_TARGETS];

/** The seed of all runs that name no other. */
export const FUZZ_SEED = 20_261_122;
