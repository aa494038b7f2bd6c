import { fields, type Schema, text, whole } from './crd-schema.ts';

const time = (description: string): Schema => text(description, { format: 'date-time' });
const name = (description: string): Schema => text(description, { minLength: 1, maxLength: 253 });

/** `spec` of a PlanRun; the same as the zod schema in model/plan-run.ts, field by field. */
export const PLAN_RUN_SPEC: Schema = fields(
  {
    instance: name('Name of the Instance, in the same namespace.'),
    plan: name('Name of the plan.'),
    when: text(
      'Whether it comes before or after the other changes of the commit that brings it to Git.',
      { enum: ['before', 'after'], default: 'after' },
    ),
    onFirstSync: text(
      'What becomes of it when it is in Git already as a Sync begins: it is recorded as skipped, or it runs.',
      { enum: ['skip', 'run'], default: 'skip' },
    ),
  },
  'Which plan of which Instance runs once.',
  { required: ['instance', 'plan'] },
);

/** `status` of a PlanRun; the same as `PlanRunStatus` in model/plan-run.ts. */
export const PLAN_RUN_STATUS: Schema = fields(
  {
    state: text('How far it is.', {
      enum: ['waiting', 'held', 'sending', 'running', 'succeeded', 'failed', 'skipped'],
    }),
    attempt: whole('Which try this is, from 1.'),
    cause: text(
      '`timeout` when it failed because its plan, which goes on, takes longer than planTimeout.',
    ),
    message: text('Why it is in this state.'),
    progress: text('Phase and step of the plan while it runs, afterwards all of them.'),
    plan: text('The plan that was asked for.'),
    instanceUid: text('uid of the Instance.'),
    planUid: text('uid of the plan run.'),
    uidBefore: text('uid of the last run of the plan before.'),
    startedAt: time('When it was sent.'),
    finishedAt: time('When it came to its end.'),
  },
  'Whether it ran, and how it ended. Nothing else remembers it.',
);
