import { expect, test } from 'vitest';
import { FUZZ_SEED, FUZZ_TARGETS } from '../fuzz/fuzz-targets.ts';
import { playInputs } from '../fuzz/play-inputs.ts';

/** `npm run fuzz` feeds a million. */
const INPUTS = 10_000;

const shares = FUZZ_TARGETS.reduce((sum, { share }) => sum + share, 0);

test.each(FUZZ_TARGETS)(
  '$name with anything wrong in them neither crash nor keep their reader long',
  { timeout: 300_000 },
  async (target) => {
    const to = Math.ceil((INPUTS * target.share) / shares);
    expect(await playInputs(target, { seed: FUZZ_SEED, from: 0, to })).toEqual([]);
  },
);
