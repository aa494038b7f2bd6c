import { MAX_CRON_LENGTH, MAX_DEADLINE_S } from '../model/plan-schedule.ts';
import { fields, flag, listOf, type Schema, text, whole } from './crd-schema.ts';

const time = (description: string): Schema => text(description, { format: 'date-time' });
const name = (description: string): Schema => text(description, { minLength: 1, maxLength: 253 });

const limit = (what: string, ifAbsent: number): Schema =>
  whole(`How many of its PlanRuns that ${what} are kept.`, {
    minimum: 0,
    maximum: 1000,
    default: ifAbsent,
  });

/** `spec` of a PlanSchedule; the same as the zod schema in model/plan-schedule.ts, field by field. */
export const PLAN_SCHEDULE_SPEC: Schema = fields(
  {
    instance: name('Name of the Instance, in the same namespace.'),
    plan: name('Name of the plan.'),
    schedule: text(
      'Five cron fields: minute, hour, day of the month, month, weekday; or a nickname such as @daily.',
      { minLength: 1, maxLength: MAX_CRON_LENGTH },
    ),
    timeZone: text('IANA name of the time zone whose clocks the schedule means.', {
      minLength: 1,
      maxLength: 100,
      default: 'UTC',
    }),
    suspend: flag('True makes no new runs; those that are made go on.', { default: false }),
    concurrencyPolicy: text(
      'What a due run does while an earlier one has not ended: Allow lets it wait for its turn, Forbid leaves it out.',
      { enum: ['Allow', 'Forbid'], default: 'Allow' },
    ),
    startingDeadlineSeconds: whole(
      'How late a run may be made, in seconds; one that is later is left out. Without it, the last missed one is made however late.',
      { minimum: 1, maximum: MAX_DEADLINE_S },
    ),
    successfulRunsHistoryLimit: limit('succeeded', 3),
    failedRunsHistoryLimit: limit('failed', 1),
  },
  'Which plan of which Instance runs when.',
  { required: ['instance', 'plan', 'schedule'] },
);

/** `status` of a PlanSchedule; the same as `PlanScheduleStatus` in model/plan-schedule.ts. */
export const PLAN_SCHEDULE_STATUS: Schema = fields(
  {
    lastScheduleTime: time('The last scheduled time that was dealt with.'),
    lastSuccessfulTime: time('When the last run ended that succeeded.'),
    nextScheduleTime: time('When it is due next; absent while it is suspended.'),
    active: listOf(text(), 'Names of its PlanRuns that have not ended.'),
    message: text('What was left out last and why, or what is wrong with the spec.'),
  },
  'What came of it so far.',
);
