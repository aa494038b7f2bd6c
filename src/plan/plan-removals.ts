import type { Instance } from '../kudo/objects.ts';
import type { Change, InstancePlan } from '../model/change.ts';
import type { DesiredInstance, SourcePosition } from '../model/desired.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';
import { instanceOrder, removalOrder } from './instance-order.ts';

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
  /** What the Git of other Syncs says of the Instance. */
  standingOf(key: ObjectKey): Standing | undefined;
  /** What the Instance depends on, as Git last said. */
  dependsOn(instance: Instance): readonly ObjectKey[];
  /** `cleanup` when KUDO runs that before the Instance goes, else `-`. */
  cleanupPlan(instance: Instance): string;
}

/** What another Sync has to do with an Instance that this one no longer has in Git. */
export type Standing =
  /** Its Git names the Instance. */
  | { readonly kind: 'claimed'; readonly by: string }
  /** An Instance of its Git depends on it. */
  | { readonly kind: 'needed'; readonly by: string }
  /** Its Git cannot be read, and may name the Instance. */
  | { readonly kind: 'unread'; readonly why: string }
  /** The same, but it is about to be read. */
  | { readonly kind: 'unread-yet'; readonly why: string };

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
  const plans: readonly Removal[] = removed.map((instance) => ({
    instance,
    plan: planRemoval(instance, context),
  }));
  const question = questionOf(
    plans.map(({ plan }) => plan),
    context,
  );
  return inOrder(
    plans.map(({ instance, plan }) => {
      const why = context.isConfirmed ? undefined : (question ?? doubtOf(plan, instance, context));
      return { instance, plan: why === undefined ? plan : asked(plan, why, context) };
    }),
    context,
  );
}

interface Removal {
  readonly instance: Instance;
  readonly plan: InstancePlan;
}

function planRemoval(instance: Instance, context: RemovalContext): InstancePlan {
  const key = keyOf(instance);
  const { annotations = {}, deletionTimestamp } = instance.metadata;
  if (deletionTimestamp !== undefined) return said(key, 'is being deleted');
  const standing = context.standingOf(key);
  if (standing?.kind === 'claimed') {
    return changed(key, release(key, `${standing.by} has it in Git now`));
  }
  if (annotations[ANNOTATION.prune] === 'disabled') {
    return changed(key, release(key, `${ANNOTATION.prune} is disabled`));
  }
  const kept = whyKept(annotations, context);
  if (kept !== undefined)
    return said(key, ['was removed from Git, not deleted', ...kept].join(': '));
  return changed(key, { key, kind: 'delete', plan: context.cleanupPlan(instance) });
}

/** Why the Instance is not to be deleted, as far as that needs to be said; undefined when it is. */
function whyKept(
  annotations: Readonly<Record<string, string>>,
  { prune }: RemovalContext,
): readonly string[] | undefined {
  const decision = annotations[ANNOTATION.prune];
  if (decision !== undefined && decision !== 'enabled') {
    return [`${ANNOTATION.prune} cannot be ${JSON.stringify(decision)}`];
  }
  if (!prune) return [];
  if (annotations[ANNOTATION.adopted] === undefined || decision === 'enabled') return undefined;
  return [`it was adopted, and ${ANNOTATION.prune}: enabled is not set on it`];
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
  if (desired.instances.size === 0) {
    return `Git has no Instance any more, and this Sync has ${String(owned.length)} in the cluster`;
  }
  const allowed = Math.max(ALWAYS_ALLOWED, Math.floor((owned.length * pruneLimit) / 100));
  if (deleted <= allowed) return undefined;
  const share = `${String(deleted)} of ${String(owned.length)} Instances are to be deleted at once`;
  return `${share}, and without asking it may be ${String(allowed)} (spec.pruneLimit)`;
}

const isDeletion = ({ changes }: InstancePlan): boolean =>
  changes.some(({ kind }) => kind === 'delete');

/** Why the deletion of this one looks like a mistake. */
function doubtOf(
  plan: InstancePlan,
  instance: Instance,
  context: RemovalContext,
): string | undefined {
  if (!isDeletion(plan)) return undefined;
  return (
    unread(plan.key, context) ??
    needed(plan.key, context) ??
    vanishedPath(instance, context) ??
    movedAway(instance, context)
  );
}

function unread(key: ObjectKey, context: RemovalContext): string | undefined {
  const standing = context.standingOf(key);
  return standing?.kind === 'unread' ? `${standing.why}, and may have ${key}` : undefined;
}

/** Git says itself that something goes on to need it. */
function needed(key: ObjectKey, context: RemovalContext): string | undefined {
  const standing = context.standingOf(key);
  if (standing?.kind === 'needed') return `${standing.by} depends on ${key}`;
  const dependent = [...context.desired.instances.values()].find(({ dependsOn = [] }) =>
    dependsOn.includes(key),
  );
  return dependent && `${dependent.key} (${dependent.position.file}) depends on ${key}`;
}

/**
 * What depends on an Instance goes before it, since its cleanup may need the other; where it does not go,
 * the other one does not either.
 */
function inOrder(
  removals: readonly Removal[],
  context: RemovalContext,
): ReadonlyMap<ObjectKey, InstancePlan> {
  const ordered = removals.map(({ instance, plan: { key } }) => ({
    key,
    dependsOn: context.dependsOn(instance),
  }));
  const dependents = removalOrder(ordered);
  const plans = new Map(removals.map(({ plan }) => [plan.key, plan]));
  const going = new Set(removals.filter(isBeingDeleted).map(({ plan }) => plan.key));
  for (const key of instanceOrder(ordered).keys.toReversed()) {
    const plan = plans.get(key);
    if (!plan || !isDeletion(plan)) continue;
    const placed = behind(dependents.get(key) ?? [], plan, { going, context });
    plans.set(key, placed);
    if (placed.problems.length === 0) going.add(key);
  }
  return plans;
}

const isBeingDeleted = ({ instance }: Removal): boolean =>
  instance.metadata.deletionTimestamp !== undefined;

/** The deletion after those of its dependents, or with the question about one that stays. */
function behind(
  dependents: readonly ObjectKey[],
  plan: InstancePlan,
  { going, context }: { readonly going: ReadonlySet<ObjectKey>; readonly context: RemovalContext },
): InstancePlan {
  const staying = dependents.find((one) => !going.has(one));
  if (staying !== undefined && plan.problems.length === 0 && !context.isConfirmed) {
    return asked(plan, `${staying}, which stays, depends on ${plan.key}`, context);
  }
  const waitsFor = dependents.filter((one) => going.has(one));
  return waitsFor.length > 0 ? { ...plan, waitsFor } : plan;
}

const asked = (plan: InstancePlan, why: string, context: RemovalContext): InstancePlan =>
  plan.changes.length === 0 ? plan : { ...plan, problems: [problem(why, context)] };

/** An Instance whose file is outside of what the Sync reads went by an edit of the Sync, not of Git. */
function vanishedPath(instance: Instance, { paths }: RemovalContext): string | undefined {
  const file = instance.metadata.annotations?.[ANNOTATION.path] ?? '';
  if (file === '' || paths.some((path) => isBelow(file, path))) return undefined;
  return `${keyOf(instance)} came from ${file}, which spec.paths of the Sync does not cover any more`;
}

/** The same file makes it elsewhere: an edit of `spec.targetNamespace`, or of its namespace, moves no data. */
function movedAway(instance: Instance, { desired }: RemovalContext): string | undefined {
  const file = instance.metadata.annotations?.[ANNOTATION.path] ?? '';
  const twin = [...desired.instances.values()].find(
    ({ name, position }) => name === instance.metadata.name && position.file === file,
  );
  return twin && `${file} makes ${twin.key} now, a new one; ${keyOf(instance)} would be lost`;
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
