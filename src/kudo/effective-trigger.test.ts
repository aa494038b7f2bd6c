import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anInstance, anOperatorVersion } from '../../test/fakes/kudo-objects.ts';
import { admitUpdate } from './admit-update.ts';
import { effectiveTrigger, groupByEffectiveTrigger } from './effective-trigger.ts';

const VERSION = anOperatorVersion(
  'kafka-1',
  ['deploy', 'update', 'backup'],
  [
    { name: 'A' },
    { name: 'B', trigger: 'update' },
    { name: 'C', trigger: 'backup' },
    { name: 'D', trigger: 'deploy' },
  ],
);

test('a parameter without a trigger rolls out by update, else by deploy', () => {
  expect(effectiveTrigger('A', VERSION)).toBe('update');
  expect(effectiveTrigger('A', anOperatorVersion('x', ['deploy'], [{ name: 'A' }]))).toBe('deploy');
  expect(effectiveTrigger('C', VERSION)).toBe('backup');
});

test('an edit of a parameter with a trigger and one without is two groups, unless both mean the same plan', () => {
  const groups = groupByEffectiveTrigger([{ name: 'C' }, { name: 'B' }, { name: 'A' }], VERSION);
  expect(groups).toEqual([
    { plan: 'update', edits: [{ name: 'A' }, { name: 'B' }] },
    { plan: 'backup', edits: [{ name: 'C' }] },
  ]);
});

test('KUDO admits each group and runs the plan that the group names', () => {
  const names = fc.subarray(['A', 'B', 'C', 'D'], { minLength: 1 });
  fc.assert(
    fc.property(names, (chosen) => {
      for (const { plan, edits } of groupByEffectiveTrigger(
        chosen.map((name) => ({ name })),
        VERSION,
      )) {
        const parameters = Object.fromEntries(edits.map(({ name }) => [name, 'new']));
        const answer = admitUpdate(anInstance(), anInstance({ parameters }), {
          findOperatorVersion: () => VERSION,
          newUid: () => 'fresh',
        });
        expect(answer).toMatchObject({ allowed: true, scheduled: plan });
      }
    }),
  );
});
