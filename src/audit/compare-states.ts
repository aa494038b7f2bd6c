import type { ParameterEdit } from '../model/change.ts';

/** What a commit says of one Instance; parameter values are encoded as KUDO stores them. */
export interface InstanceAtCommit {
  readonly operatorVersion: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Parameters whose values must not be shown. */
  readonly secretParameters?: readonly string[] | undefined;
}

/** How two states of one Instance differ. */
export interface StateChange {
  readonly kind: 'created' | 'changed' | 'removed';
  /** Set when another version is asked for; `from` is undefined at creation, `to` at removal. */
  readonly operatorVersion?: {
    readonly from?: string | undefined;
    readonly to?: string | undefined;
  };
  /** Sorted by name; values of secret parameters are replaced by `***`. */
  readonly edits: readonly ParameterEdit[];
}

/** What a commit did to an Instance; undefined when nothing. */
export function compareStates(
  before: InstanceAtCommit | undefined,
  after: InstanceAtCommit | undefined,
): StateChange | undefined {
  const kind = kindOf(before, after);
  const edits = editsBetween(before, after);
  const [from, to] = [before?.operatorVersion, after?.operatorVersion];
  if (!kind || (from === to && edits.length === 0)) return undefined;
  return { kind, ...(from !== to && { operatorVersion: { from, to } }), edits };
}

function kindOf(
  before: InstanceAtCommit | undefined,
  after: InstanceAtCommit | undefined,
): StateChange['kind'] | undefined {
  if (!before) return after && 'created';
  return after ? 'changed' : 'removed';
}

const MASK = '***';

function editsBetween(
  before: InstanceAtCommit | undefined,
  after: InstanceAtCommit | undefined,
): ParameterEdit[] {
  const old = new Map(Object.entries(before?.parameters ?? {}));
  const fresh = new Map(Object.entries(after?.parameters ?? {}));
  const secrets = new Set([
    ...(before?.secretParameters ?? []),
    ...(after?.secretParameters ?? []),
  ]);
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((name) => old.get(name) !== fresh.get(name))
    .toSorted()
    .map((name) => {
      const secret = secrets.has(name);
      const shown = (value: string | undefined): string | undefined =>
        secret && value !== undefined ? MASK : value;
      return { name, from: shown(old.get(name)), to: shown(fresh.get(name)), secret };
    });
}
