/** Our API group; objects are `gitops.kudo.dev/v1alpha1`. */
export const GROUP = 'gitops.kudo.dev';
export const API_VERSION = 'gitops.kudo.dev/v1alpha1';
export const FIELD_MANAGER = 'kudo-gitops';

/** Annotations on Instances; what each holds stands in docs/objects.md. */
export const ANNOTATION = {
  /** `<Rollout uid>/<n>/<attempt> <plan or -> <uid of that plan before or ->`. */
  change: 'gitops.kudo.dev/change',
  /** `name=<hash of the value last written>` of every parameter that Git set. */
  keys: 'gitops.kudo.dev/keys',
  /** `<Sync uid>:<namespace>/<name>`: whose Instance this is. */
  owner: 'gitops.kudo.dev/owner',
  /** `labels.<name>=<hash of the value last written>`, and of annotations, that Git set. */
  metadata: 'gitops.kudo.dev/metadata',
  revision: 'gitops.kudo.dev/revision',
  path: 'gitops.kudo.dev/path',
  /** `<namespace>/<name>` of the OperatorVersion that Git last wrote. */
  operatorVersion: 'gitops.kudo.dev/operator-version',
  /** `<Rollout uid>/<n>/<attempt> <revision>` of the taking over of an Instance that others had made. */
  adopted: 'gitops.kudo.dev/adopted',
  /** In Git: `overwrite` takes over an Instance of others although it differs. */
  adopt: 'gitops.kudo.dev/adopt',
  /** `disabled`: never deleted; `enabled`: deleted like others although it was adopted. */
  prune: 'gitops.kudo.dev/prune',
  /** `correct`, `report` or `ignore`, instead of what the Sync says. */
  driftPolicy: 'gitops.kudo.dev/drift-policy',
  /** Names of parameters, separated by commas, whose values are secret everywhere. */
  secretParameters: 'gitops.kudo.dev/secret-parameters',
  /** Written by people, in Git: uid of a plan run that is to be given up. */
  abandon: 'gitops.kudo.dev/abandon',
  /** `<uid of a plan run> <who gave it up>`. */
  abandoned: 'gitops.kudo.dev/abandoned',
  /** Written by people, in Git: Instances whose plans must have ended well before this one is changed. */
  dependsOn: 'gitops.kudo.dev/depends-on',
  /** On Operators and OperatorVersions: hash of what they say. */
  contentHash: 'gitops.kudo.dev/content-hash',
  /** On those made from a package: hash of its files, and of what it depends on. */
  packageHash: 'gitops.kudo.dev/package-hash',
  /** On those made from a package: the Git tree of its folder, or what else it was loaded from. */
  packageSource: 'gitops.kudo.dev/package-source',
  /** On those made from a package: version of the rules by which they were made. */
  converter: 'gitops.kudo.dev/converter',
  /** On OperatorVersions whose content was replaced: hash of the content before. */
  replaced: 'gitops.kudo.dev/replaced',
  /** On a PlanRun: it was in Git before its Sync was, and is never to run. */
  skip: 'gitops.kudo.dev/skip',
  /** On a PlanRun that was asked for on the command line: who asked, as the API server knows them. */
  requestedBy: 'gitops.kudo.dev/requested-by',
  /** On a PlanRun: Instances whose changes come with the same commit. */
  together: 'gitops.kudo.dev/together',
  /** On a Sync: a value that asks for a look now; answered in `status.lastHandledReconcileAt`. */
  requestedAt: 'gitops.kudo.dev/requestedAt',
  /**
   * On a Sync: `<anything new> <namespace/name or *>`, whose failed plans are to run again. On a failed
   * PlanRun: the number of the attempt after which it is to run once more, and what asked for that.
   */
  retry: 'gitops.kudo.dev/retry',
  /** On a Sync: the commit whose removals a person has agreed to. */
  confirmPrune: 'gitops.kudo.dev/confirm-prune',
} as const;

export const LABEL = {
  syncUid: 'gitops.kudo.dev/sync-uid',
  sync: 'gitops.kudo.dev/sync',
  operator: 'kudo.dev/operator',
} as const;
