import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { operatorVersion } from '../../test/builders.ts';
import { PlanStory } from '../../test/fakes/plan-story.ts';
import { plan } from '../../test/fakes/tiny-operator.ts';
import type { OperatorVersion } from '../kudo/objects.ts';

const TASKS = ['config', 'nodes', 'topics', 'nothing'];

/** Parameter A runs plan `alpha`, B `beta`, C `update`; every plan has one step a task. */
function version(plans: Readonly<Record<string, readonly string[]>>): OperatorVersion {
  const { spec, ...rest } = operatorVersion([
    { name: 'A', default: '0', trigger: 'alpha' },
    { name: 'B', default: '0', trigger: 'beta' },
    { name: 'C', default: '0' },
  ]);
  const content = Object.entries(plans).map(([name, tasks]) => [name, plan(...tasks)]);
  return {
    ...rest,
    spec: {
      ...spec,
      plans: Object.fromEntries(content) as NonNullable<OperatorVersion['spec']>['plans'],
      tasks: TASKS.map((name) => {
        const kind = name === 'nothing' ? 'Dummy' : 'Apply';
        return { name, kind, spec: { resources: [] } };
      }),
    },
  };
}

const APART = version({
  deploy: ['config', 'nodes', 'topics'],
  update: ['config'],
  alpha: ['nodes'],
  beta: ['topics'],
});

/** Plans of which `failing` fails in its first step until told otherwise. */
function storyOf(of: OperatorVersion, failing: string): { story: PlanStory; mend: () => void } {
  let bad = failing;
  const story = new PlanStory(of, (name) => (name === bad ? 0 : Infinity));
  const mend = (): void => {
    bad = '';
  };
  return { story, mend };
}

describe('a plan that failed leaves the rollout failed', () => {
  test('under a commit that runs another plan of the same Instance', () => {
    const { story } = storyOf(APART, 'alpha');
    story.commit({});
    story.commit({ A: '1' });
    expect(story.phase).toBe('failed');
    story.commit({ A: '1', B: '1' });
    expect([story.phase, story.records]).toEqual(['failed', ['alpha failed', 'beta succeeded']]);
    story.commit({ A: '1' });
    expect([story.phase, story.records]).toEqual(['failed', ['alpha failed', 'beta succeeded']]);
    story.commit({ A: '1' });
    expect([story.phase, story.records]).toEqual(['failed', ['alpha failed']]);
  });

  test('until a commit runs it again', () => {
    const { story, mend } = storyOf(APART, 'alpha');
    story.commit({});
    story.commit({ A: '1' });
    story.commit({ A: '1', B: '1' });
    mend();
    story.commit({ B: '1' });
    expect([story.phase, story.kudo.runs.at(-1)]).toEqual(['succeeded', 'alpha']);
    story.commit({ B: '2' });
    expect([story.phase, story.records]).toEqual(['succeeded', ['beta succeeded']]);
  });

  test('until it is retried, also when others went on meanwhile', () => {
    const { story, mend } = storyOf(APART, 'alpha');
    story.commit({ A: '1' });
    story.commit({ A: '2' });
    story.commit({ A: '2', B: '1' });
    mend();
    story.retry();
    expect([story.phase, story.records]).toEqual(['succeeded', ['alpha succeeded']]);
  });

  test('until others run it, by which KUDO says that it has ended well', () => {
    const { story } = storyOf(APART, 'alpha');
    story.commit({});
    story.commit({ A: '1' });
    story.runByOthers('beta');
    expect(story.phase).toBe('failed');
    story.runByOthers('alpha');
    expect([story.phase, story.records]).toEqual(['succeeded', ['alpha succeeded']]);
  });

  test('until a commit runs another plan that does all that it left undone', () => {
    const { story } = storyOf(APART, 'deploy');
    story.commit({});
    expect(story.phase).toBe('failed');
    story.commit({ A: '1' });
    expect(story.phase).toBe('failed');
    const wide = version({ deploy: ['config'], update: ['config', 'nodes'] });
    const { story: cured } = storyOf(wide, 'deploy');
    cured.commit({});
    cured.commit({ C: '1' });
    expect([cured.phase, cured.records]).toEqual([
      'succeeded',
      ['deploy failed', 'update succeeded'],
    ]);
  });

  test('but what it left undone may be nothing', () => {
    const forbidden = version({ deploy: ['config'], update: ['config'], alpha: ['nothing'] });
    const { story } = storyOf(forbidden, 'alpha');
    story.commit({});
    story.commit({ A: '1' });
    expect(story.phase).toBe('failed');
    story.commit({ A: '1', C: '1' });
    expect(story.phase).toBe('succeeded');
  });
});

const PLANS = ['deploy', 'update', 'alpha', 'beta'] as const;
type PlanName = (typeof PLANS)[number];

const value = fc.constantFrom('0', '1', '2');
const move = fc.oneof(
  { weight: 5, arbitrary: fc.record({ values: fc.record({ A: value, B: value, C: value }) }) },
  { weight: 1, arbitrary: fc.constant('elsewhere' as const) },
  { weight: 1, arbitrary: fc.constant('retry' as const) },
  { weight: 1, arbitrary: fc.record({ others: fc.constantFrom(...PLANS) }) },
);
const content = fc.uniqueArray(fc.constantFrom(...TASKS), { minLength: 1 });

test('in every story the verdict is green exactly when no failed plan has work left that no later run did', () => {
  const plans = fc.record({ deploy: content, update: content, alpha: content, beta: content });
  const moves = fc.array(move, { minLength: 2, maxLength: 12 });
  const given = fc.tuple(plans, moves, fc.infiniteStream(fc.nat(7)));
  fc.assert(
    fc.property(given, ([tasks, all, chance]) => {
      /** What a failed plan left undone. */
      const left = new Map<string, readonly string[]>();
      const ended = (name: string, failing: number): void => {
        const own = tasks[name as PlanName];
        if (failing < own.length) left.set(name, own.slice(failing));
        else {
          for (const [other, rest] of left) {
            const isDone = rest.every((task) => task === 'nothing' || own.includes(task));
            if (other === name || isDone) left.delete(other);
          }
        }
      };
      const story = new PlanStory(version(tasks), (name) => {
        const failing = chance.next().value ?? 0;
        ended(name, failing);
        return failing;
      });
      let values = {};
      story.commit(values);
      for (const one of all) {
        if (one === 'retry') story.retry();
        else if (one === 'elsewhere') story.commit(values);
        else if ('others' in one) {
          ended(one.others, Infinity);
          story.runByOthers(one.others);
        } else {
          values = one.values;
          story.commit(values);
        }
        expect([story.phase, story.records]).toEqual([
          left.size > 0 ? 'failed' : 'succeeded',
          story.records,
        ]);
      }
      expect([story.kudo.refusals, story.kudo.unexpectedPlans]).toEqual([[], []]);
    }),
    { numRuns: Number(process.env['STORIES'] ?? 100) },
  );
});
