import { describe, expect, test } from 'vitest';
import { liveInstance, planOf, record, situation } from '../../test/builders.ts';
import { numbered, stepOf } from '../../test/fakes/told-step.ts';
import type { Instance } from '../kudo/objects.ts';
import { nextStep } from './next-step.ts';
import { settleDeletion } from './settle-deletion.ts';

const NOW = '2026-01-01T00:00:00Z';

/** An Instance with KUDO's finalizer that is being deleted. */
function going(wish: Parameters<typeof liveInstance>[1] = {}): Instance {
  const instance = liveInstance({}, wish);
  const finalizers = ['kudo.dev.instance.cleanup'];
  return { ...instance, metadata: { ...instance.metadata, deletionTimestamp: NOW, finalizers } };
}

const RECORD = { instanceUid: 'instance-uid' };
const settled = (observed: Instance | undefined, more: Parameters<typeof situation>[0] = {}) =>
  settleDeletion(RECORD, situation({ observed, ...more }));

describe('a delete', () => {
  test('is done when the Instance of that uid is gone, and not before', () => {
    expect(settled(undefined)).toEqual({ kind: 'gone' });
    expect(settled(liveInstance({}, { uid: 'another' }))).toEqual({ kind: 'gone' });
    expect(settled(going({ runs: ['cleanup c1 COMPLETE'] })).kind).toBe('under-way');
  });

  test('that the API server was not told is to be sent', () => {
    expect(settled(liveInstance())).toEqual({ kind: 'unsent' });
  });

  test('follows the cleanup plan', () => {
    expect(settled(going({ running: 'cleanup c1' }))).toEqual({
      kind: 'under-way',
      progress: 'cleanup scheduled',
      planUid: 'c1',
    });
  });

  test('fails with the step’s text when the cleanup does, and says the way out', () => {
    const failed = settled(going({ running: 'cleanup c1', runs: ['cleanup c1 FATAL_ERROR'] }));
    expect(failed.kind).toBe('failed');
    expect(JSON.stringify(failed)).toContain('FATAL_ERROR in cleanup');
    expect(JSON.stringify(failed)).toContain('finalizer kudo.dev.instance.cleanup');
  });

  describe('whose failed cleanup is to run again', () => {
    const failed = going({ running: 'cleanup c1', runs: ['cleanup c1 FATAL_ERROR'] });
    const again = (uidBefore: string | undefined) =>
      settleDeletion(
        { ...RECORD, state: 'sending', attempt: 2, uidBefore },
        situation({ observed: failed }),
      ).kind;

    test('is to be written when it was not, also after a kill', () => {
      expect([again(undefined), again('c1')]).toEqual(['unsent', 'unsent']);
    });

    test('has failed once more when that was another run', () => {
      expect(again('c0')).toBe('failed');
    });

    test('is written under a new uid although the failed run blocks the Instance', () => {
      const one = record('sending', { kind: 'delete', plan: 'cleanup', attempt: 2, ...RECORD });
      const step = nextStep(situation({ observed: failed, records: [{ n: 0, record: one }] }));
      expect(step.send).toMatchObject({ n: 0, mode: { kind: 'clean-again', failedUid: 'c1' } });
      expect(step.records.get(0)).toMatchObject({ state: 'sending', uidBefore: 'c1', attempt: 2 });
    });
  });

  test('goes on when somebody runs the failed cleanup again', () => {
    const again = going({ running: 'cleanup c2', runs: ['cleanup c1 FATAL_ERROR'] });
    expect(settled(again)).toMatchObject({ kind: 'under-way', planUid: 'c2' });
  });

  test.each([
    ['no-version', [], 'OperatorVersion queue-1.0.0 is gone'],
    ['no-plan', ['cleanup  NEVER_RUN'], 'has no plan cleanup any more'],
  ] as const)(
    'that KUDO can never end (%s) is a failure after a silence',
    (cleanup, runs, text) => {
      const observed = going({ runs });
      expect(settled(observed, { cleanup, quietMs: 1_000 }).kind).toBe('under-way');
      expect(JSON.stringify(settled(observed, { cleanup, quietMs: 31_000 }))).toContain(text);
    },
  );

  test('names the finalizer of somebody else that holds the Instance', () => {
    const held = going();
    const finalizers = ['example.org/backup'];
    const observed = { ...held, metadata: { ...held.metadata, finalizers } };
    expect(settled(observed)).toMatchObject({
      progress: 'being deleted, held by finalizer example.org/backup',
    });
  });
});

describe('the step that deletes', () => {
  const deletion = planOf({ key: 'shop/orders', kind: 'delete', plan: 'cleanup' });
  const sent = (more = {}) =>
    record('running', { kind: 'delete', plan: 'cleanup', instanceUid: 'instance-uid', ...more });

  test('is sent although a plan runs', () => {
    const observed = liveInstance({}, { running: 'update u1' });
    expect(stepOf({ plan: deletion, observed })).toEqual(['0 sending', 'sends 0 plain']);
  });

  test('is sent although our own plan hangs, whose record then says that it was cut short', () => {
    const own = record('running', { planUid: 'u1', instanceUid: 'instance-uid' });
    const busy = liveInstance({}, { running: 'update u1' });
    expect(stepOf({ plan: deletion, observed: busy, records: numbered(own) })).toContain(
      'sends 1 plain',
    );
    const observed = going({ running: 'cleanup c1' });
    expect(stepOf({ observed, records: numbered(own, sent({ planUid: 'c1' })) })).toContain(
      '0 restarted: cut short by the deletion of the Instance',
    );
  });

  test('is not sent twice while the watch has not told yet', () => {
    const records = numbered(sent());
    expect(stepOf({ plan: deletion, records }).filter((text) => /sends/.test(text))).toEqual([]);
  });

  test('is sent again when it never arrived', () => {
    const records = numbered(sent({ state: 'sending' }));
    expect(stepOf({ plan: deletion, records })).toContain('sends 0 plain');
  });

  test('ends with the uid of a cleanup that was over before its end could be seen', () => {
    const lastRun = { plan: 'cleanup', uid: 'c1' };
    expect(stepOf({ observed: undefined, records: numbered(sent()), lastRun })).toEqual([
      '0 succeeded',
    ]);
  });

  test('that failed succeeds once a person has let the Instance go', () => {
    const records = numbered(sent({ state: 'failed', desiredHash: '' }));
    expect(stepOf({ observed: undefined, records, desiredHash: '' })).toEqual(['0 succeeded']);
  });
});
