import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SCENARIOS } from '../fakes/sandbox-scenario.ts';

/** Why: each is played by a file of its own, so that they share out among the processors. */
test('every scenario is played on the sandbox', () => {
  const played = readdirSync(join(import.meta.dirname, '../integration/scenarios'));
  const scenarios = readdirSync(SCENARIOS);
  expect(played.map((file) => file.replace('.test.ts', '.yaml'))).toEqual(scenarios);
});
