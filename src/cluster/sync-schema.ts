import { DRIFT_POLICIES } from '../model/drift-policy.ts';
import { DURATION_PATTERN } from '../model/duration.ts';
import { FORGE_TYPES } from '../model/forge-type.ts';
import { fields, flag, listOf, type Schema, text, whole } from './crd-schema.ts';

const REPOSITORY_PATTERN = '^(https?://|ssh://([A-Za-z0-9._-]+@)?)[^\\s@]+$';
const URL_PATTERN = '^https?://[^\\s@]+$';

const duration = (description: string, ifAbsent: string): Schema =>
  text(`${description} Written as 30s, 5m or 1h30m.`, {
    pattern: DURATION_PATTERN,
    default: ifAbsent,
  });

const refName = (description: string): Schema =>
  text(description, { minLength: 1, maxLength: 255 });

const secretRef = (description: string): Schema =>
  fields(
    { name: text('Name of the Secret, in the namespace of the Sync.', { minLength: 1 }) },
    description,
    { required: ['name'] },
  );

/** `spec` of a Sync; the same as the zod schema in model/sync.ts, field by field. */
export const SYNC_SPEC: Schema = fields(
  {
    url: text(
      'Address of the Git repository, http, https or ssh, without credentials in it: those go into the Secret that secretRef names.',
      { pattern: REPOSITORY_PATTERN },
    ),
    ref: fields(
      {
        branch: refName('The branch that says how the cluster is to be.'),
        tag: refName('The tag that does; over branch. A tag that is moved is followed.'),
        semver: text(
          'The tag of the highest version in this range does, such as ">=1.2.0 <2.0.0"; over tag and branch.',
          { minLength: 1, maxLength: 255 },
        ),
        commit: text(
          'This commit does, all 40 digits; over everything else. With branch it must be on that branch.',
          { pattern: '^[0-9a-f]{40}$' },
        ),
      },
      'What is followed in the repository; the branch main when nothing is named.',
      { default: { branch: 'main' } },
    ),
    paths: listOf(
      text(),
      'Folders or files in the repository that are read. Later ones are layers over earlier ones: an Instance of the same name overrides parameter by parameter.',
      { minItems: 1, maxItems: 32, default: ['.'] },
    ),
    interval: duration('How often the repository is asked for news.', '1m'),
    timeout: duration('How long one look at the repository may take.', '5m'),
    secretRef: secretRef(
      'Secret with username and password, or bearerToken, for the repository, and ca.crt if its certificate needs one; for ssh with identity and known_hosts.',
    ),
    proxySecretRef: secretRef(
      'Secret with the address of the HTTP proxy to the repository, and username and password if it wants them. Without one the environment of the service says.',
    ),
    targetNamespace: text(
      'Namespace of the Instances and packages that name none; that of the Sync when absent.',
      { minLength: 1 },
    ),
    prune: flag(
      'Whether an Instance that this Sync made is deleted, with its cleanup plan, when Git no longer has it.',
      { default: false },
    ),
    pruneLimit: whole(
      'Largest share of its Instances, in percent, that one revision may delete without being asked; three are always allowed.',
      { minimum: 0, maximum: 100, default: 20 },
    ),
    driftPolicy: text(
      'What happens to values that others changed in the cluster and Git says otherwise: set back, told, or not even told.',
      { enum: [...DRIFT_POLICIES], default: 'correct' },
    ),
    suspend: flag('True stops everything but what already runs.', { default: false }),
    replaceOperatorVersions: flag(
      'True lets a commit change the content of an OperatorVersion under its name: it is replaced while its Instances are idle, and they are upgraded. Otherwise that is refused.',
      { default: false },
    ),
    forge: fields(
      {
        type: text(
          'Which program the Git host runs; told by url when absent, where that is well known.',
          { enum: [...FORGE_TYPES] },
        ),
        apiUrl: text('Base URL of its API; derived from url when absent.', {
          pattern: URL_PATTERN,
        }),
        secretRef: secretRef(
          'Secret with token for the API, or githubAppID, githubAppInstallationID and githubAppPrivateKey, and webhookSecret if the forge sends webhooks.',
        ),
        instanceStatuses: whole(
          'A commit that changes up to so many Instances gets a status for each of them beside that of the Sync.',
          { minimum: 0, maximum: 20, default: 5 },
        ),
      },
      'Where commit statuses and pull-request comments are written.',
      { required: ['secretRef'] },
    ),
    previews: fields(
      { enabled: flag('Whether open pull requests are previewed.', { default: true }) },
      'What is said on pull requests before they are merged.',
      { default: { enabled: true } },
    ),
    maxConcurrent: whole('How many Instances may have a plan under way at once.', {
      minimum: 1,
      maximum: 1000,
      default: 100,
    }),
    planTimeout: duration(
      'How long a plan may run before it is reported as failed. It is left running.',
      '2h',
    ),
    retry: fields(
      {
        limit: whole('How often one failed plan is run again.', { minimum: 1, maximum: 20 }),
        backoff: duration('Pause before the first time, doubled each time up to an hour.', '30s'),
      },
      'Runs failed plans again without a commit. Absent: only a person or a commit does.',
      { required: ['limit'] },
    ),
    notes: flag(
      'True records how every Rollout ended in Git notes of the repository, refs/notes/kudo-gitops. The Secret must allow pushes.',
      { default: false },
    ),
    historyLimit: whole('How many finished Rollouts are kept.', {
      minimum: 1,
      maximum: 1000,
      default: 50,
    }),
  },
  'What the Sync binds together.',
  { required: ['url'] },
);

const CONDITION = fields(
  {
    type: text('Ready, Reconciling, Stalled, Drifted or NotesPending.'),
    status: text('True, False or Unknown.', { enum: ['True', 'False', 'Unknown'] }),
    reason: text('Why, in one word for programs.'),
    message: text('Why, in a sentence for people.'),
    lastTransitionTime: text('When the status last changed.', { format: 'date-time' }),
    observedGeneration: whole('The generation of the Sync that this was said about.'),
  },
  undefined,
  { required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'] },
);

/** `status` of a Sync; the same as `SyncStatus` in model/sync.ts. */
export const SYNC_STATUS: Schema = fields(
  {
    observedGeneration: whole('The generation of the spec that the status is about.'),
    conditions: listOf(CONDITION, 'How it stands, as kstatus reads it.'),
    lastAttemptedRevision: text('The newest commit that was looked at.'),
    lastAppliedRevision: text('The newest commit that was carried out to its end.'),
    answeredRevision: text('The newest commit up to which every commit has its answer.'),
    lastHandledReconcileAt: text(
      'Value of the annotation gitops.kudo.dev/requestedAt that was last acted on.',
    ),
    lastHandledRetry: text('Value of the annotation gitops.kudo.dev/retry that was last acted on.'),
    instances: fields(
      {
        total: whole('How many Git says there are.'),
        ready: whole('How many are as Git says, with their plans ended well.'),
        failed: whole('How many have failed.'),
        running: whole('How many have a plan running.'),
      },
      'The Instances of the newest commit, counted.',
      { required: ['total', 'ready', 'failed', 'running'] },
    ),
    previews: listOf(
      fields(
        {
          number: whole('Number of the pull request.'),
          headSha: text('Its newest commit when the comment was written.'),
          digest: text('Hash of what the comment says.'),
        },
        undefined,
        { required: ['number', 'headSha', 'digest'] },
      ),
      'What was last said on each open pull request.',
    ),
  },
  'What kudo-gitops found and did.',
);
