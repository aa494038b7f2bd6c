import { describe, expect, test } from 'vitest';
import { problemLines, readFiles } from '../../test/fakes/read-files.ts';

const INSTANCE = `apiVersion: kudo.dev/v1beta1
kind: Instance
metadata: {name: orders}
spec:
  operatorVersion: {name: queue-1.0.0}
`;
const OPERATOR_VERSION = `apiVersion: kudo.dev/v1beta1
kind: OperatorVersion
metadata: {name: queue-1.0.0}
spec:
  operator: {name: queue}
  version: 1.0.0
  plans: {deploy: {}, backup: {}}
`;
const RUN = `apiVersion: gitops.kudo.dev/v1alpha1
kind: PlanRun
metadata:
  name: orders-backup-1
spec:
  instance: orders
  plan: backup
`;
const SCHEDULE = `apiVersion: gitops.kudo.dev/v1alpha1
kind: PlanSchedule
metadata:
  name: nightly
spec:
  instance: orders
  plan: backup
  schedule: 0 3 * * *
  timeZone: Europe/Berlin
`;

const read = (files: Readonly<Record<string, string>>, paths = ['.']) =>
  readFiles(files, { paths });

/** Problems as people see them in a terminal. */
function lines(text: string): string[] {
  const fleet = [INSTANCE, OPERATOR_VERSION].join('---\n');
  return problemLines(read({ 'fleet.yaml': fleet, 'run.yaml': text }));
}

test('a PlanRun says which plan of which Instance of its namespace runs, once', () => {
  const { planRuns, problems } = read({ 'run.yaml': RUN });
  expect(problems).toEqual([]);
  expect(planRuns.get('shop/orders-backup-1')).toMatchObject({
    spec: { instance: 'orders', plan: 'backup', when: 'after', onFirstSync: 'skip' },
    position: { file: 'run.yaml', line: 4, column: 3 },
    planPosition: { file: 'run.yaml', line: 7, column: 9 },
  });
});

test('a PlanSchedule says when, by the clocks of a zone', () => {
  const { planSchedules, problems } = read({ 'nightly.yaml': SCHEDULE });
  expect(problems).toEqual([]);
  expect(planSchedules.get('shop/nightly')?.spec).toEqual({
    instance: 'orders',
    plan: 'backup',
    schedule: '0 3 * * *',
    timeZone: 'Europe/Berlin',
    suspend: false,
    concurrencyPolicy: 'Allow',
    successfulRunsHistoryLimit: 3,
    failedRunsHistoryLimit: 1,
  });
});

test('a later path says the whole of it anew', () => {
  const files = { 'base/run.yaml': RUN, 'prod/run.yaml': RUN.replace('backup\n', 'deploy\n') };
  const { planRuns } = read(files, ['base', 'prod']);
  expect(planRuns.get('shop/orders-backup-1')?.spec.plan).toBe('deploy');
});

describe('a mistake has its place and a cure', () => {
  test.each([
    [
      'a plan that the operator version does not have',
      RUN.replace('plan: backup', 'plan: bakcup'),
      'error run.yaml:7:9 queue-1.0.0 has no plan bakcup (did you mean backup?)',
    ],
    [
      'a field that is misspelt',
      RUN.replace('plan:', 'plna:'),
      'error run.yaml:7:3 unknown field spec.plna (did you mean plan?)',
    ],
    [
      'a word that is none of the allowed',
      `${RUN}  when: befor\n`,
      'error run.yaml:8:9 spec.when cannot be "befor"; allowed: before, after (did you mean before?)',
    ],
    [
      'the other API group',
      RUN.replace('gitops.kudo.dev/v1alpha1', 'kudo.dev/v1beta1'),
      'error run.yaml:1:1 unknown apiVersion kudo.dev/v1beta1 (write gitops.kudo.dev/v1alpha1)',
    ],
    [
      'a kind that is misspelt',
      RUN.replace('PlanRun', 'PlanRnu'),
      'error run.yaml:2:1 unknown kind PlanRnu of gitops.kudo.dev/v1alpha1 (did you mean PlanRun?)',
    ],
    [
      'a cron expression that never comes',
      SCHEDULE.replace('0 3 * * *', '0 3 30 2 *'),
      'error run.yaml:8:13 "0 3 30 2 *" is no cron expression: 30 2 is an impossible day of month for the given month (write minute, hour, day, month and weekday, such as "0 3 * * 1-5", or @daily)',
    ],
    [
      'a time zone that does not exist',
      SCHEDULE.replace('Berlin', 'Berln'),
      'error run.yaml:9:13 there is no time zone "Europe/Berln" (did you mean Europe/Berlin?)',
    ],
  ])('%s', (_why, text, expected) => {
    expect(lines(text)).toContain(expected);
  });
});
