import type { OutboxEntry, Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import type { Check } from './check-list.ts';

/**
 * The newest Rollout of a Sync that has had anything to say.
 *
 * @param rollouts of the Sync's namespace
 */
export function newestTold(sync: Sync, rollouts: readonly Rollout[]): Rollout | undefined {
  return rollouts
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ uid }) => uid === sync.metadata.uid),
    )
    .filter(({ status }) => (status?.outbox ?? []).length > 0)
    .toSorted((a, b) => a.spec.sequence - b.spec.sequence)
    .at(-1);
}

/**
 * Whether the commit statuses of a Sync lead anywhere, by those of its newest Rollout: they lead to the
 * address that the service was told with `--public-url`, which nothing else in the cluster tells.
 */
export function linkCheck(check: string, newest: Rollout | undefined): Check {
  const last = newest?.status?.outbox?.at(-1);
  if (!newest || !last) return { check, state: 'unknown', detail: 'it has sent no status so far' };
  return { check, ...judge(last, newest.metadata.name) };
}

function judge({ url }: OutboxEntry, rollout: string): Pick<Check, 'state' | 'detail' | 'hint'> {
  if (url === undefined) {
    const hint = 'kudo-gitops run --public-url <where people reach its pages>';
    const detail = `the statuses of rollout/${rollout} lead nowhere`;
    return { state: 'warning', detail, hint };
  }
  const { origin, hostname } = URL.canParse(url) ? new URL(url) : { origin: url, hostname: url };
  if (!INSIDE.test(hostname)) return { state: 'good', detail: `statuses lead to ${origin}` };
  const hint = 'give --public-url an address that people reach';
  return { state: 'warning', detail: `statuses lead to ${origin}, inside the cluster`, hint };
}

/** Names that only Pods resolve. */
const INSIDE = /(^|\.)(svc|cluster\.local)$/;
