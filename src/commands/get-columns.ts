import type { Instance, PlanStatus } from '../kudo/objects.ts';
import { runningPlan } from '../kudo/plan-status.ts';
import type { Condition } from '../model/kube-object.ts';
import { parseToken } from '../model/change-token.ts';
import { ANNOTATION } from '../model/names.ts';
import { oidOf, shortOid } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { humanAge } from '../sandbox/human-age.ts';
import { paintState, type Styles } from './styles.ts';
import type { Column } from './table.ts';

/** What columns need beside the object. */
export interface ColumnContext {
  readonly styles: Styles;
  readonly now: () => number;
  /** Name of the Sync with this uid; undefined when it is gone or may not be read. */
  readonly syncName: (uid: string) => string | undefined;
}

/** Columns of `get syncs`. */
export function syncColumns({ styles, now }: ColumnContext): readonly Column<Sync>[] {
  const paint = (text: string): string => paintState(text, styles);
  return [
    NAME,
    { header: 'REVISION', text: ({ status }) => revisionText(status?.lastAttemptedRevision) },
    { header: 'READY', text: (sync) => readyOf(sync)?.status ?? 'Unknown', paint },
    { header: 'MESSAGE', text: (sync) => readyOf(sync)?.message ?? 'not looked at yet' },
    { header: 'INSTANCES', text: instancesText },
    { header: 'AGE', text: ({ metadata }) => humanAge(metadata.creationTimestamp, now()) },
    { header: 'DRIFTED', isWide: true, text: driftOf },
    {
      header: 'APPLIED',
      isWide: true,
      text: (sync) => revisionText(sync.status?.lastAppliedRevision),
    },
    { header: 'URL', isWide: true, text: ({ spec }) => textOf(fieldOf(spec, 'url')) },
  ];
}

/** What others changed, by whom and when, while it is left alone. */
const driftOf = ({ status }: Sync): string =>
  status?.conditions?.find(({ type }) => type === 'Drifted')?.message ?? '';

/** Columns of `get rollouts`. */
export function rolloutColumns({ styles, now }: ColumnContext): readonly Column<Rollout>[] {
  const paint = (text: string): string => paintState(text, styles);
  return [
    NAME,
    { header: 'COMMIT', text: ({ spec }) => shortOid(oidOf(spec.revision)) },
    { header: 'AUTHOR', text: ({ spec }) => spec.author },
    { header: 'SUBJECT', text: ({ spec }) => spec.subject },
    { header: 'PHASE', text: ({ status }) => status?.phase ?? 'progressing', paint },
    { header: 'CHANGES', text: changesText },
    { header: 'STARTED', text: ({ status }) => agoText(status?.startedAt, now()) },
    { header: 'MESSAGE', text: ({ status }) => status?.message ?? '' },
    { header: 'SYNC', isWide: true, text: ({ spec }) => spec.sync },
    { header: 'ATTEMPT', isWide: true, text: ({ spec }) => String(spec.attempt) },
    { header: 'FINISHED', isWide: true, text: ({ status }) => agoText(status?.finishedAt, now()) },
  ];
}

/** Columns of `get instances`. */
export function instanceColumns(context: ColumnContext): readonly Column<Instance>[] {
  const paint = (text: string): string => paintState(text, context.styles);
  return [
    { header: 'NAMESPACE', text: ({ metadata }) => metadata.namespace ?? '' },
    NAME,
    { header: 'OPERATORVERSION', text: ({ spec }) => spec?.operatorVersion?.name ?? '' },
    { header: 'PLAN', text: (instance) => planOf(instance).plan },
    { header: 'STATUS', text: (instance) => planOf(instance).status, paint },
    { header: 'SYNC', text: (instance) => ownerText(instance, context) },
    {
      header: 'REVISION',
      isWide: true,
      text: ({ metadata }) => revisionText(metadata.annotations?.[ANNOTATION.revision]),
    },
    {
      header: 'FILE',
      isWide: true,
      text: ({ metadata }) => metadata.annotations?.[ANNOTATION.path] ?? '',
    },
    {
      header: 'AGE',
      isWide: true,
      text: ({ metadata }) => humanAge(metadata.creationTimestamp, context.now()),
    },
  ];
}

/** The namespace, before the other columns of what is listed everywhere. */
export const NAMESPACE: Column<{ readonly metadata: { readonly namespace?: string | undefined } }> =
  {
    header: 'NAMESPACE',
    text: ({ metadata }) => metadata.namespace ?? '',
  };

const NAME: Column<{ readonly metadata: { readonly name: string } }> = {
  header: 'NAME',
  text: ({ metadata }) => metadata.name,
};

/** The condition Ready of a Sync. */
export function readyOf({ status }: Sync): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

/** `main@a1b2c3d`, or `a1b2c3d` where no ref led to it. */
function revisionText(revision: string | undefined): string {
  if (revision === undefined) return '';
  const ref = revision.slice(0, Math.max(0, revision.lastIndexOf('@') + 1));
  return `${ref}${shortOid(oidOf(revision))}`;
}

function instancesText({ status }: Sync): string {
  const { total, ready, failed = 0 } = status?.instances ?? {};
  if (total === undefined) return '';
  return failed > 0 ? `${ready ?? 0}/${total} (${failed} failed)` : `${ready ?? 0}/${total}`;
}

function changesText({ status }: Rollout): string {
  const { total, succeeded } = status?.counts ?? {};
  return total === undefined ? '' : `${succeeded ?? 0}/${total}`;
}

function agoText(time: string | undefined, now: number): string {
  return time === undefined ? '' : `${humanAge(time, now)} ago`;
}

/** The plan that runs, else the one that ran last. */
function planOf(instance: Instance): { plan: string; status: string } {
  const running = runningPlan(instance);
  const plans = Object.entries(instance.status?.planStatus ?? {});
  if (running) {
    const status = plans.find(([name]) => name === running.plan)?.[1];
    return { plan: running.plan, status: status?.uid === running.uid ? status.status : 'PENDING' };
  }
  // KUDO's times are whole seconds: of plans that ended in the same one, ours was asked for last.
  const ours = parseToken(instance.metadata.annotations?.[ANNOTATION.change])?.plan;
  const [last] = plans
    .filter(([, { status }]) => status !== 'NEVER_RUN')
    .toSorted(
      ([a, aStatus], [b, bStatus]) =>
        timeOf(bStatus) - timeOf(aStatus) || Number(b === ours) - Number(a === ours),
    );
  return last ? { plan: last[0], status: last[1].status } : { plan: '', status: '' };
}

function timeOf({ lastUpdatedTimestamp }: PlanStatus): number {
  const time = Date.parse(lastUpdatedTimestamp ?? '');
  return Number.isNaN(time) ? 0 : time;
}

function ownerText({ metadata }: Instance, { syncName }: ColumnContext): string {
  const owner = metadata.annotations?.[ANNOTATION.owner];
  if (owner === undefined) return '';
  return syncName(owner.slice(0, owner.indexOf(':'))) ?? '(unknown)';
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
