import { expect, test } from 'vitest';
import { rolloutObject } from '../../test/builders.ts';
import { revisionState } from '../../test/fakes/revision-state.ts';
import { problemText, type Problem } from '../model/problem.ts';
import { isLoadedSince } from './loaded-since.ts';
import { RolloutRecord } from './rollout-record.ts';

const missing = (name: string, why = 'the server does not answer'): Problem => ({
  id: 'package-not-loaded',
  severity: 'error',
  file: `${name}.yaml`,
  line: 5,
  column: 3,
  message: `Package shop/${name}, ${name} of https://packages.example: ${why}`,
});
const typo: Problem = { ...missing('orders'), id: 'unknown-field', message: 'unknown field spce' };

test.each([
  { why: 'the package that was missing is there', before: [missing('queue')], now: [], is: true },
  {
    why: 'another problem stays as it was',
    before: [missing('queue'), typo],
    now: [typo],
    is: true,
  },
  {
    why: 'of two that were missing one still is',
    before: [missing('queue'), missing('vault')],
    now: [missing('vault')],
    is: false,
  },
  {
    why: 'it is missing for another reason',
    before: [missing('queue')],
    now: [missing('queue', 'its hash is another')],
    is: false,
  },
  {
    why: 'it is missing as before',
    before: [missing('queue')],
    now: [missing('queue')],
    is: false,
  },
  { why: 'no package was missing', before: [typo], now: [], is: false },
])('a revision is tried again once its packages are there: $why', ({ before, now, is }) => {
  const status = { phase: 'failed', problems: before.map(problemText) } as const;
  const record = new RolloutRecord(rolloutObject(status), []);
  expect(isLoadedSince(record, revisionState([], { problems: now }))).toBe(is);
});
