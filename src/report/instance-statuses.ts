import type { CommitStatus } from '../model/commit-status.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { OutboxEntry } from '../model/rollout.ts';
import type { NumberedRecord } from '../plan/instance-situation.ts';
import { isOutdone, summarize } from '../plan/rollout-verdict.ts';
import { enqueue, isProgress } from './outbox.ts';
import { rolloutStatusText } from './status-text.ts';

/** What a Rollout has on its Instances, and where that is said. */
export interface InstanceReport {
  readonly commit: string;
  readonly records: ReadonlyMap<ObjectKey, readonly NumberedRecord[]>;
  /** Up to so many changed Instances get a status of their own. */
  readonly most: number;
  readonly contextOf: (instance: ObjectKey) => string;
}

type InstanceStatus = Omit<CommitStatus, 'targetUrl'>;

/**
 * A status for each changed Instance when they are few. When they become too many, those that were
 * spoken of already are followed to their ends, and no other is begun.
 */
export function instanceStatuses(
  { commit, records, most, contextOf }: InstanceReport,
  outbox: readonly OutboxEntry[],
): readonly InstanceStatus[] {
  const begun = contextsOf(outbox, commit);
  const changed = [...records].filter(([, ofInstance]) => ofInstance.some(isLive));
  const isFew = changed.length <= most;
  return changed.flatMap(([key, ofInstance]) => {
    const context = contextOf(key);
    if (!isFew && !begun.has(context)) return [];
    const { phase, counts } = summarize(new Map([[key, ofInstance]]), 0);
    const flat = ofInstance
      .filter(({ n, record }) => !isOutdone(n, record, ofInstance))
      .map(({ record }) => ({ key, record }));
    const report = { phase, counts, records: flat, problems: [], notes: [] };
    return [{ context, ...rolloutStatusText(report) }];
  });
}

/**
 * The outbox with an end for every Instance of the commit that was last said to be under way, and is
 * spoken of no more: superseded, or its change is no longer needed.
 */
export function endInstances(
  outbox: readonly OutboxEntry[],
  commit: string,
  rollUp: string,
  end: Omit<CommitStatus, 'context'>,
): readonly OutboxEntry[] {
  let ended = outbox;
  for (const [context, last] of contextsOf(outbox, commit)) {
    if (!context.startsWith(`${rollUp}/`) || !isProgress(last)) continue;
    ended = enqueue(ended, commit, { ...end, context });
  }
  return ended;
}

/**
 * What another attempt at the commit has to know of an outbox: the Instances that were last said to be
 * under way, which it follows to their ends. What is unsent leaves from that outbox.
 */
export function begunInstances(
  outbox: readonly OutboxEntry[],
  commit: string,
  rollUp: string,
): readonly OutboxEntry[] {
  return [...contextsOf(outbox, commit)]
    .filter(([context, last]) => context.startsWith(`${rollUp}/`) && isProgress(last))
    .map(([, last]) => ({ ...last, sent: true }));
}

/** The contexts of a commit, each with the newest that was said there. */
function contextsOf(
  outbox: readonly OutboxEntry[],
  commit: string,
): ReadonlyMap<string, OutboxEntry> {
  const own = outbox.filter((entry) => entry.commit === commit);
  return new Map(own.map((entry) => [entry.context, entry]));
}

const isLive = ({ record }: NumberedRecord): boolean =>
  record.state !== 'restarted' && record.state !== 'moved';
