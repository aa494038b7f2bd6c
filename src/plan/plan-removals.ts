import type { Instance } from '../kudo/objects.ts';
import type { Change, InstancePlan } from '../model/change.ts';
import type { DesiredInstance, SourcePosition } from '../model/desired.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';

/** What decides about Instances that Git no longer has. */
export interface RemovalContext {
  /** Every Instance whose owner annotation names this Sync and itself. */
  readonly owned: readonly Instance[];
  readonly desired: {
    readonly instances: ReadonlyMap<ObjectKey, DesiredInstance>;
    /** True when something could not be read. */
    readonly incomplete: boolean;
  };
  readonly prune: boolean;
  /** Percent of `owned`. */
  readonly pruneLimit: number;
  /** Folders and files of the Sync. */
  readonly paths: readonly string[];
  /** True when a person has agreed to the removals of this very commit. */
  readonly isConfirmed: boolean;
  /** How to agree, for people. */
  readonly howToConfirm: string;
  /** Another Sync whose Git names the Instance. */
  claimedBy(key: ObjectKey): string | undefined;
  /** `cleanup` when KUDO runs that before the Instance goes, else `-`. */
  cleanupPlan(instance: Instance): string;
}

/** So many may always be deleted at once: a share of a small fleet means little. */
const ALWAYS_ALLOWED = 3;

/**
 * What becomes of each Instance that this Sync made and Git no longer has. Nothing is taken as removed
 * while anything could not be read (invariant 7); what looks like a mistake is a problem that asks.
 */
export function planRemovals(context: RemovalContext): ReadonlyMap<ObjectKey, InstancePlan> {
  const { owned, desired } = context;
  if (desired.incomplete) return new Map();
  const removed = owned.filter((instance) => !desired.instances.has(keyOf(instance)));
  const plans = removed.map((instance) => ({ instance, plan: planRemoval(instance, context) }));
  const question = questionOf(
    plans.map(({ plan }) => plan),
    context,
  );
  return new Map(plans.map((one) => [one.plan.key, asked(one, question, context)]));
}

function planRemoval(instance: Instance, context: RemovalContext): InstancePlan {
  const key = keyOf(instance);
  const { annotations = {}, deletionTimestamp } = instance.metadata;
  if (deletionTimestamp !== undefined) return said(key, 'is being deleted');
  const heir = context.claimedBy(key);
  if (heir !== undefined) return changed(key, release(key, `${heir} has it in Git now`));
  const decision = annotations[ANNOTATION.prune];
  if (decision === 'disabled') {
    return changed(key, release(key, `${ANNOTATION.prune} is disabled`));
  }
  if (decision !== undefined && decision !== 'enabled') {
    const why = `${ANNOTATION.prune} cannot be ${JSON.stringify(decision)}`;
    return said(key, `was removed from Git, not deleted: ${why}`);
  }
  if (!context.prune) return said(key, 'was removed from Git, not deleted');
  if (annotations[ANNOTATION.adopted] !== undefined && decision !== 'enabled') {
    const why = `it was adopted, and ${ANNOTATION.prune}: enabled is not set on it`;
    return said(key, `was removed from Git, not deleted: ${why}`);
  }
  return changed(key, { key, kind: 'delete', plan: context.cleanupPlan(instance) });
}

const release = (key: ObjectKey, why: string): Change => ({ key, kind: 'release', plan: '-', why });

const changed = (key: ObjectKey, change: Change): InstancePlan => ({
  key,
  changes: [change],
  problems: [],
  notes: [],
});

const said = (key: ObjectKey, text: string): InstancePlan => ({
  key,
  changes: [],
  problems: [],
  notes: [`${key} ${text}`],
});

/** Why all of it looks like a mistake; undefined when it does not. */
function questionOf(
  plans: readonly InstancePlan[],
  { owned, desired, pruneLimit }: RemovalContext,
): string | undefined {
  const deleted = plans.filter(isDeletion).length;
  const removed = plans.filter(({ changes }) => changes.length > 0).length;
  if (removed > 0 && desired.instances.size === 0) {
    return `Git has no Instance any more, and this Sync has ${String(owned.length)} in the cluster`;
  }
  const allowed = Math.max(ALWAYS_ALLOWED, Math.floor((owned.length * pruneLimit) / 100));
  if (deleted <= allowed) return undefined;
  const share = `${String(deleted)} of ${String(owned.length)} Instances are to be deleted at once`;
  return `${share}, and without asking it may be ${String(allowed)} (spec.pruneLimit)`;
}

const isDeletion = ({ changes }: InstancePlan): boolean =>
  changes.some(({ kind }) => kind === 'delete');

/** The plan with the question about all of them, or about this one, unless a person has agreed. */
function asked(
  { plan, instance }: { readonly plan: InstancePlan; readonly instance: Instance },
  question: string | undefined,
  context: RemovalContext,
): InstancePlan {
  if (context.isConfirmed || plan.changes.length === 0) return plan;
  const why = question ?? (isDeletion(plan) ? vanishedPath(instance, context) : undefined);
  return why === undefined ? plan : { ...plan, problems: [problem(why, context)] };
}

/** An Instance whose file is outside of what the Sync reads went by an edit of the Sync, not of Git. */
function vanishedPath(instance: Instance, { paths }: RemovalContext): string | undefined {
  const file = instance.metadata.annotations?.[ANNOTATION.path] ?? '';
  if (file === '' || paths.some((path) => isBelow(file, path))) return undefined;
  return `${keyOf(instance)} came from ${file}, which spec.paths of the Sync does not cover any more`;
}

function isBelow(file: string, path: string): boolean {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || `${file}/`.startsWith(`${parts.join('/')}/`);
}

function problem(why: string, { paths, howToConfirm }: RemovalContext): Problem {
  const place: SourcePosition = { file: paths[0] ?? '.', line: 1, column: 1 };
  return {
    id: 'removal-to-confirm',
    severity: 'error',
    ...place,
    message: `nothing is deleted: ${why}`,
    hint: `put the files back, or agree: ${howToConfirm}`,
  };
}
