import { expect, test } from 'vitest';
import { anInstance, anOperatorVersion } from '../../test/fakes/kudo-objects.ts';
import { admitUpdate } from './admit-update.ts';
import type { Admission } from './admission.ts';
import type { Instance, InstanceSpec } from './objects.ts';

const ONE = anOperatorVersion(
  'kafka-1',
  ['deploy', 'update', 'backup', 'cleanup'],
  [
    { name: 'NODES', default: '3' },
    { name: 'MEMORY', default: '1', trigger: 'deploy' },
    { name: 'BACKUP', default: '', trigger: 'backup' },
    { name: 'DISK', immutable: true },
    { name: 'OLD' },
  ],
);
const TWO = anOperatorVersion(
  'kafka-2',
  ['deploy', 'upgrade'],
  [
    { name: 'NODES', default: '3' },
    { name: 'MEMORY', default: '1', trigger: 'deploy' },
    { name: 'DISK', immutable: true },
  ],
);

function admit(before: Instance, after: Instance): Admission {
  return admitUpdate(before, after, {
    findOperatorVersion: (_namespace, name) =>
      [ONE, TWO].find(({ metadata }) => metadata.name === name),
    newUid: () => 'fresh',
  });
}

const running = (planName: string): InstanceSpec => ({
  planExecution: { planName, uid: 'u1', status: 'IN_PROGRESS' },
});
const upgraded: InstanceSpec = { operatorVersion: { name: 'kafka-2' } };

test.each([
  {
    why: 'a parameter without a trigger runs update',
    before: {},
    after: { parameters: { NODES: '5' } },
    plan: 'update',
  },
  {
    why: 'a parameter runs its trigger',
    before: {},
    after: { parameters: { BACKUP: 'yes' } },
    plan: 'backup',
  },
  {
    why: 'a parameter with a trigger beside one without runs only the trigger',
    before: {},
    after: { parameters: { BACKUP: 'yes', NODES: '5' } },
    plan: 'backup',
  },
  {
    why: 'a removed parameter is a change, too',
    before: { parameters: { NODES: '5' } },
    after: {},
    plan: 'update',
  },
  {
    why: 'a changed parameter restarts the plan that runs for it',
    before: running('update'),
    after: { ...running('update'), parameters: { NODES: '5' } },
    plan: 'update',
  },
  {
    why: 'an upgrade runs the first of upgrade, update and deploy',
    before: {},
    after: upgraded,
    plan: 'upgrade',
  },
  {
    why: 'a reference that only says more is an upgrade',
    before: {},
    after: { operatorVersion: { name: 'kafka-1', namespace: 'shop' } },
    plan: 'update',
  },
  {
    why: 'a plan can be asked for while nothing runs',
    before: {},
    after: { planExecution: { planName: 'backup' } },
    plan: 'backup',
  },
  {
    why: 'another uid restarts the plan that runs',
    before: running('update'),
    after: { planExecution: { planName: 'update', uid: 'u2' } },
    plan: 'update',
  },
])('$why', ({ before, after, plan }) => {
  expect(admit(anInstance(before), anInstance(after))).toMatchObject({
    allowed: true,
    scheduled: plan,
    instance: { spec: { planExecution: { planName: plan, uid: 'fresh', status: 'NEVER_RUN' } } },
  });
});

test('the final status of a plan empties planExecution', () => {
  const after = anInstance({
    planExecution: { planName: 'update', uid: 'u1', status: 'COMPLETE' },
  });
  const answer = admit(anInstance(running('update')), after);
  expect(answer).toEqual({ allowed: true, instance: anInstance({ planExecution: {} }) });
});

test('an upgrade drops the values of parameters that the new version does not know', () => {
  const before = anInstance({ parameters: { NODES: '5', OLD: 'x' } });
  const after = anInstance({ ...upgraded, parameters: { NODES: '5', OLD: 'x' } });
  expect(admit(before, after)).toMatchObject({
    instance: { spec: { parameters: { NODES: '5' } } },
  });
});

test('metadata may always change', () => {
  const after = anInstance(running('update'), { labels: { a: 'b' }, deletionTimestamp: 'now' });
  expect(admit(anInstance(running('update')), after)).toEqual({ allowed: true, instance: after });
});

const failed = 'failed to update Instance shop/kafka';
test.each([
  {
    why: 'an unknown plan',
    before: {},
    after: { planExecution: { planName: 'nope' } },
    message: 'plan nope does not exist',
  },
  {
    why: 'an unknown parameter',
    before: {},
    after: { parameters: { X: '1' } },
    message: `${failed}: failed to find parameter "X" in the OperatorVersion`,
  },
  {
    why: 'a changed immutable parameter',
    before: { parameters: { DISK: '1' } },
    after: { parameters: { DISK: '2' } },
    message:
      "failed to check immutable parameters for Instance shop/kafka: parameter 'DISK' is immutable but was changed from '1' to '2'",
  },
  {
    why: 'two triggers at once',
    before: {},
    after: { parameters: { BACKUP: 'x', MEMORY: '2' } },
    message: `${failed}: triggering multiple plans: [[backup deploy]] at once is not allowed`,
  },
  {
    why: 'a change for another plan than the one that runs',
    before: running('deploy'),
    after: { ...running('deploy'), parameters: { NODES: '5' } },
    message: `${failed}: plan 'deploy' is scheduled (or running) and an update would trigger a different plan 'update'`,
  },
  {
    why: 'an upgrade while a plan runs',
    before: running('deploy'),
    after: { ...running('deploy'), ...upgraded },
    message: `${failed}: upgrade to new OperatorVersion {  kafka-2    } while a plan 'deploy' is scheduled (or running) is not allowed`,
  },
  {
    why: 'an upgrade with a plan',
    before: {},
    after: { ...upgraded, planExecution: { planName: 'deploy' } },
    message: `${failed}: upgrade to new OperatorVersion {  kafka-2    } and triggering new plan 'deploy' is not allowed`,
  },
  {
    why: 'another plan than the one that runs',
    before: running('deploy'),
    after: running('backup'),
    message: `${failed}: overriding currently scheduled (or running) plan 'deploy' with 'backup' is not supported`,
  },
  {
    why: 'to forget the plan that runs',
    before: running('deploy'),
    after: {},
    message: `${failed}: cancelling currently scheduled (or running) plan 'deploy' is not supported`,
  },
  {
    why: 'a parameter with a plan',
    before: {},
    after: { parameters: { NODES: '5' }, planExecution: { planName: 'backup' } },
    message: `${failed}: triggering one plan '' directly and through parameter update 'backup' is not allowed`,
  },
  {
    why: 'the cleanup plan',
    before: {},
    after: { planExecution: { planName: 'cleanup' } },
    message: `${failed}: only the controller schedules the 'cleanup' plan when the instance is deleted`,
  },
])("$why is refused in KUDO's words", ({ before, after, message }) => {
  expect(admit(anInstance(before), anInstance(after))).toEqual({
    allowed: false,
    code: 403,
    message,
  });
});

test.each([
  {
    why: 'no parameter may change',
    before: {},
    after: { parameters: { NODES: '5' } },
    text: 'parameter update and/or upgrade is not allowed',
  },
  {
    why: 'only cleanup may be scheduled',
    before: {},
    after: { planExecution: { planName: 'backup' } },
    text: "only 'cleanup' plan can be scheduled",
  },
  {
    why: 'cleanup is not replaced',
    before: running('cleanup'),
    after: running('deploy'),
    text: "'cleanup' plan can not be cancelled",
  },
])('while an Instance is being deleted $why', ({ before, after, text }) => {
  const gone = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  expect(admit(anInstance(before, gone), anInstance(after, gone))).toMatchObject({
    allowed: false,
    message: expect.stringContaining(text) as string,
  });
});
