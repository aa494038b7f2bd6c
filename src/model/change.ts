import type { DesiredInstance } from './desired.ts';
import { authorText, type FieldAuthor } from './field-author.ts';
import type { ObjectKey } from './kube-object.ts';
import { ANNOTATION } from './names.ts';
import type { Problem } from './problem.ts';

/** `from` is undefined when the cluster does not set the parameter, `to` when Git no longer does. */
export interface ParameterEdit {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** True when neither value may be shown. */
  readonly secret: boolean;
  /** True when it sets back what others changed. */
  readonly isDrift?: boolean;
  /** Who set the value of the cluster, where others changed it and the API server tells. */
  readonly setBy?: FieldAuthor | undefined;
}

/** One admissible next thing to do to one Instance: one write, at most one plan run. */
export type Change = {
  readonly key: ObjectKey;
  /** The plan that KUDO will run for it. */
  readonly plan: string;
} & (
  | {
      readonly kind: 'create';
      readonly desired: DesiredInstance;
      /** Stands in `spec.operatorVersion.uid` when its OperatorVersion was replaced. */
      readonly contentUid?: string | undefined;
    }
  | {
      readonly kind: 'upgrade';
      readonly from: string;
      readonly to: DesiredInstance['operatorVersion'] & {
        /** Of an OperatorVersion whose content was replaced: the hash of what it says now. */
        readonly uid?: string | undefined;
      };
      /** True when it sets back what others changed. */
      readonly isDrift?: boolean;
      /** Who named the OperatorVersion of the cluster, when it has drifted. */
      readonly setBy?: FieldAuthor | undefined;
      /** The parameters that must travel with it. */
      readonly edits: readonly ParameterEdit[];
    }
  | { readonly kind: 'set-parameters'; readonly edits: readonly ParameterEdit[] }
  | {
      /** Gives up the plan that runs now, as annotation `gitops.kudo.dev/abandon` says. */
      readonly kind: 'abandon';
      readonly run: { readonly plan: string; readonly uid: string };
      readonly edits: readonly [];
    }
  | MetadataChange
  /** Deletes the Instance; its plan is the cleanup that KUDO runs first. */
  | { readonly kind: 'delete' }
);

/** What touches metadata alone, so that no plan runs. */
export type MetadataChange =
  /** Takes over an Instance that others made. */
  | {
      readonly kind: 'adopt';
      readonly desired: DesiredInstance;
      /** The parameters that Git says already, and whether it says the OperatorVersion. */
      readonly same: readonly string[];
      readonly sameVersion: boolean;
    }
  /** Leaves the Instance in the cluster, no longer ours; `why` is for people. */
  | { readonly kind: 'release'; readonly why: string }
  /** Carries labels and annotations that Git states over to the Instance; null takes one away. */
  | {
      readonly kind: 'annotate';
      readonly annotations: Readonly<Record<string, string | null>>;
      readonly labels?: Readonly<Record<string, string | null>> | undefined;
    };

const METADATA_KINDS: ReadonlySet<string> = new Set(['adopt', 'release', 'annotate']);

/** True for a change of metadata alone: it runs no plan and carries no token. */
export function isMetadataKind(kind: string): kind is MetadataChange['kind'] {
  return METADATA_KINDS.has(kind);
}

/** The parameters that a change edits; none for most kinds. */
export function editsOf(change: Change): readonly ParameterEdit[] {
  return 'edits' in change ? change.edits : [];
}

/** A value that others changed and that is left as it is. */
export interface DriftNote {
  readonly text: string;
  /** The same as long as the values are, whoever set them whenever; never shown. */
  readonly identity: string;
}

/** What one Instance needs, in the order in which KUDO accepts it, and what stands in the way. */
export interface InstancePlan {
  readonly key: ObjectKey;
  readonly changes: readonly Change[];
  /** Known before any write; the Instance is left alone while there is one of severity error. */
  readonly problems: readonly Problem[];
  /** Worth saying, never in the way: drift, Instances of others that say the same. */
  readonly notes: readonly string[];
  /** Of the notes, those about values that others changed and that are left as they are. */
  readonly drift?: readonly DriftNote[] | undefined;
  /** Instances whose plans must have ended well before the first change. */
  readonly waitsFor?: readonly ObjectKey[] | undefined;
}

/** One line a person can read in a terminal, a comment or a log; secret values are masked. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'create':
      return `create at ${change.desired.operatorVersion.name}`;
    case 'upgrade': {
      const edits = change.edits.map(describeEdit);
      return [`${describeUpgrade(change)}${driftText(change)}`, ...edits].join(', ');
    }
    case 'abandon':
      return `give up plan ${change.run.plan} (${change.run.uid})`;
    case 'set-parameters':
      return change.edits.map(describeEdit).join(', ');
    case 'delete':
      return 'delete';
    case 'adopt':
      return 'adopt as it is';
    case 'release':
      return `leave it in the cluster: ${change.why}`;
    case 'annotate':
      return [
        ...describeValues('annotate', change.annotations),
        ...describeValues('label', change.labels ?? {}),
      ].join(', ');
  }
}

function describeValues(
  verb: string,
  values: Readonly<Record<string, string | null>>,
): readonly string[] {
  return Object.entries(values)
    .filter(([name]) => name !== ANNOTATION.metadata)
    .map(([name, value]) =>
      value === null ? `${verb} ${name} no more` : `${verb} ${name}: ${valueText(value)}`,
    );
}

/** `upgrade queue-1.0.0 → queue-1.1.0`. */
export function describeUpgrade({ from, to }: Extract<Change, { kind: 'upgrade' }>): string {
  return from === to.name
    ? `upgrade to the new content of ${to.name}`
    : `upgrade ${from} → ${to.name}`;
}

/** `NODE_COUNT 3 → 5`; long values are cut, secret ones masked. */
export function describeEdit(edit: ParameterEdit): string {
  const drift = driftText(edit);
  if (edit.secret) return `${edit.name} (secret)${drift}`;
  return `${edit.name} ${valueText(edit.from)} → ${valueText(edit.to)}${drift}`;
}

/** ` (drift, set by kubectl-edit at 2026-11-22T20:15:03Z)`. */
export function driftText({
  isDrift = false,
  setBy,
}: Pick<ParameterEdit, 'isDrift' | 'setBy'>): string {
  const words = [...(isDrift ? ['drift'] : []), ...(setBy ? [authorText(setBy)] : [])];
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

const MAX_SHOWN = 60;

function valueText(value: string | undefined): string {
  if (value === undefined) return '(default)';
  const oneLine = value.trim().replaceAll('\n', '⏎');
  if (oneLine === '') return '""';
  return oneLine.length > MAX_SHOWN ? `${oneLine.slice(0, MAX_SHOWN)}…` : oneLine;
}
