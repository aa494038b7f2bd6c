import { expect, test } from 'vitest';
import { liveInstance } from '../../test/builders.ts';
import type { Instance, PlanStatus } from '../kudo/objects.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import { mayQuoteFormer, NOT_SHOWN, withoutFormerPlanTexts } from './former-secrets.ts';

const second = (n: number): string => `2026-11-22T20:15:0${String(n)}Z`;
const message = 'cannot use hunter22 here';

function run(lastUpdated: number): PlanStatus {
  const steps = [{ name: 'budget', status: 'FATAL_ERROR', message } as const];
  const phases = [{ name: 'nodes', status: 'FATAL_ERROR', steps } as const];
  return { name: 'x', status: 'FATAL_ERROR', lastUpdatedTimestamp: second(lastUpdated), phases };
}

function writtenAt(n: number, planStatus: Readonly<Record<string, PlanStatus>>): Instance {
  const live = liveInstance({});
  const managedFields = [{ manager: FIELD_MANAGER, time: second(n) }];
  return { ...live, metadata: { ...live.metadata, managedFields }, status: { planStatus } };
}

test('what steps said before the parameters were last written is not shown, what they said since is', () => {
  const shown = withoutFormerPlanTexts(writtenAt(3, { deploy: run(2), update: run(3) }));
  const said = (plan: string) => shown.status?.planStatus?.[plan]?.phases?.[0]?.steps?.[0]?.message;
  expect([said('deploy'), said('update')]).toEqual([NOT_SHOWN, message]);
});

test.each([
  ['before', second(2), true],
  ['in the same second, as plans that fail at once do', second(3), false],
  ['after', second(4), false],
  ['at a time that nobody tells', undefined, true],
])('what was said %s may quote a former value: %s %s', (_when, saidAt, expected) => {
  expect(mayQuoteFormer(writtenAt(3, {}), saidAt)).toBe(expected);
});

test('where nobody tells who wrote, nothing is held back', () => {
  expect(mayQuoteFormer(liveInstance({}), second(1))).toBe(false);
});
