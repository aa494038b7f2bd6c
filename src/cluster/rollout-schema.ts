import { fields, flag, listOf, mapOf, type Schema, text, whole } from './crd-schema.ts';

const time = (description: string): Schema => text(description, { format: 'date-time' });

/** One change; the same as `ChangeRecord` in model/rollout.ts. */
const CHANGE = fields(
  {
    kind: text('What is done.', {
      enum: [
        'create',
        'upgrade',
        'set-parameters',
        'abandon',
        'run-plan',
        'adopt',
        'annotate',
        'release',
        'delete',
      ],
    }),
    plan: text('The plan that KUDO runs for it; - for none.'),
    attempt: whole('Which try this is, from 1.'),
    state: text('How far it is.', {
      enum: [
        'planned',
        'waiting',
        'sending',
        'running',
        'succeeded',
        'failed',
        'held',
        'restarted',
        'moved',
      ],
    }),
    summary: text('What it does, for people. Secret values are masked.'),
    message: text('Why it is in this state.'),
    instanceUid: text('uid of the Instance.'),
    planUid: text('uid of the plan run.'),
    uidBefore: text('uid of the last run of the plan before the write.'),
    token: text('First word of the change token when it was written for another Rollout.'),
    run: text('Name of the PlanRun that this is a copy of.'),
    desiredHash: text('Hash of what Git said of the Instance.'),
    retries: whole('How often its failed plan was run again by retry of the Sync.'),
    redoneBy: text('uid of a later plan run that did what this one failed to do.'),
    since: text('Commit whose change failed first, when this one inherited the failure.'),
    cause: text('What made it fail, or holds it.', {
      enum: ['plan', 'timeout', 'denied', 'problem', 'dependency'],
    }),
    progress: text('Phase and step of the plan while it runs.'),
    startedAt: time('When it was sent.'),
    finishedAt: time('When it came to its end.'),
  },
  undefined,
  { required: ['kind', 'plan', 'attempt', 'state'] },
);

const changes = (description: string): Schema => mapOf(CHANGE, description);

/** `spec` of a Rollout; the same as `RolloutSpec` in model/rollout.ts. */
export const ROLLOUT_SPEC: Schema = fields(
  {
    sync: text('Name of the Sync, in the same namespace.'),
    revision: text('The commit, as branch@sha1:<40 hex digits>.'),
    attempt: whole('Which try of the commit this is, from 1.'),
    sequence: whole('Counts the Rollouts of the Sync, from 1.'),
    settingsHash: text('Hash of what of the Sync decides what is desired.'),
    author: text('Who wrote the commit.'),
    subject: text('First line of the commit message.'),
    committedAt: time('When the commit was made.'),
    previousRevision: text('The commit that was carried out before.'),
    retry: text('Value of the annotation gitops.kudo.dev/retry of the Sync that asked for it.'),
  },
  'Which commit of which Sync is carried out.',
  {
    required: ['sync', 'revision', 'attempt', 'sequence', 'author', 'subject', 'committedAt'],
  },
);

const OUTBOX_ENTRY = fields(
  {
    commit: text('The commit the status is for.'),
    context: text('Name of the status.'),
    state: text('What it says.', { enum: ['pending', 'success', 'failure', 'error'] }),
    description: text('What it says, in a sentence.'),
    url: text('The page of the Rollout.'),
    sent: flag('Whether the forge has it.'),
  },
  undefined,
  { required: ['commit', 'context', 'state', 'description', 'sent'] },
);

/** `status` of a Rollout; the same as `RolloutStatus` in model/rollout.ts. */
export const ROLLOUT_STATUS: Schema = fields(
  {
    phase: text('How it stands.', { enum: ['progressing', 'succeeded', 'failed', 'superseded'] }),
    message: text('How far it is, or how it ended, in one sentence.'),
    counts: fields(
      {
        total: whole('All changes.'),
        succeeded: whole('Those that ended well.'),
        failed: whole('Those that failed or are held.'),
        running: whole('Those whose plan runs.'),
      },
      'The changes, counted.',
      { required: ['total', 'succeeded', 'failed', 'running'] },
    ),
    changes: changes('The changes, by namespace/name/number. Further ones are in RolloutParts.'),
    parts: whole('How many RolloutParts belong to it.'),
    problems: listOf(
      text(),
      'What is wrong in the files of the commit, with file, line and column.',
    ),
    notes: listOf(text(), 'What else people should know.'),
    outbox: listOf(OUTBOX_ENTRY, 'Commit statuses on their way to the forge.'),
    noted: flag('True when the Git note of its commit tells how it ended.'),
    startedAt: time('When it began.'),
    finishedAt: time('When the verdict fell.'),
  },
  'How far it is.',
);

/** `spec` of a RolloutPart. */
export const ROLLOUT_PART_SPEC: Schema = fields(
  {
    rollout: text('Name of the Rollout, in the same namespace.'),
    index: whole('Which part it is, from 1.', { minimum: 1 }),
  },
  'Whose part it is.',
  { required: ['rollout', 'index'] },
);

/** `status` of a RolloutPart. */
export const ROLLOUT_PART_STATUS: Schema = fields(
  { changes: changes('Changes, by namespace/name/number.') },
  'Further changes of the Rollout.',
);
