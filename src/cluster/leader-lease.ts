import { Failure, messageOf } from '../lib/failure.ts';
import { unstoppable, withSignal, type Scope } from '../lib/scope.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import { splitKey, type KubeObject, type ObjectKey } from '../model/kube-object.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import { KubeError, type KubeClient } from './kube-client.ts';
import { LEASES } from './resources.ts';

/** Which Lease says who of several services works, and who asks. */
export interface LeaseWish {
  /** `namespace/name`. */
  readonly key: ObjectKey;
  /** No two processes may have the same. */
  readonly identity: string;
  /** How long others wait for one that says nothing any more. */
  readonly durationMs: number;
}

/** The Lease as long as it is ours. */
export interface HeldLease {
  /** Aborts when the Lease is lost, and before anybody else can have it. */
  readonly signal: AbortSignal;
  /** Gives it away, so that nobody has to wait; to be called when all work has ended. */
  release(): Promise<void>;
}

interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number | null;
    readonly leaseTransitions?: number | null;
  };
}

const RELEASE_MS = 2_000;
/** Of the duration: the pauses between renewals, and before the next try of one that failed. */
const RENEW_SHARE = 1 / 3;
const RETRY_SHARE = 1 / 15;

/**
 * Waits until the Lease is ours, and renews it three times in its duration. As in client-go's leader
 * election only the own clock counts: another one's Lease is free when it was seen unchanged for its
 * whole duration, and ours counts as lost when two thirds of its duration went by without a renewal.
 */
export async function acquireLease(
  wish: LeaseWish,
  client: KubeClient,
  scope: Scope,
): Promise<HeldLease> {
  const watched: Watched = { version: undefined, since: 0 };
  for (;;) {
    const startedAt = scope.clock.now();
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    const lease = await tryToTake(wish, watched, client, scope);
    if (lease) return hold({ lease, renewedAt: startedAt }, wish, client, scope);
    // oxlint-disable-next-line no-await-in-loop
    await scope.clock.sleep(wish.durationMs / 5, scope.signal);
  }
}

/** Since when the Lease is seen as it is. */
interface Watched {
  version: string | undefined;
  since: number;
}

async function tryToTake(
  wish: LeaseWish,
  watched: Watched,
  client: KubeClient,
  scope: Scope,
): Promise<Lease | undefined> {
  try {
    const lease = await read(wish, client, scope);
    if (!lease) return await create(wish, client, scope);
    if (isHeldByOthers(lease, wish, watched, scope.clock.now())) return undefined;
    const leaseTransitions = (lease.spec?.leaseTransitions ?? 0) + 1;
    const acquireTime = microTime(scope.clock.now());
    return await write(lease, { acquireTime, leaseTransitions }, { wish, client }, scope);
  } catch (thrown) {
    scope.signal.throwIfAborted();
    if (!(thrown instanceof Failure)) throw thrown;
    if (isConflict(thrown)) return undefined;
    scope.log.warn('lease not taken', { lease: wish.key, reason: thrown.message });
    return undefined;
  }
}

function isHeldByOthers(
  { metadata, spec }: Lease,
  { identity, durationMs }: LeaseWish,
  watched: Watched,
  now: number,
): boolean {
  const holder = spec?.holderIdentity ?? '';
  if (holder === '' || holder === identity) return false;
  if (watched.version !== metadata.resourceVersion) {
    watched.version = metadata.resourceVersion;
    watched.since = now;
  }
  const seconds = spec?.leaseDurationSeconds ?? durationMs / 1_000;
  return now - watched.since < seconds * 1_000;
}

interface Held {
  lease: Lease;
  /** When the request of the last renewal was sent, epoch ms. */
  renewedAt: number;
}

function hold(held: Held, wish: LeaseWish, client: KubeClient, scope: Scope): HeldLease {
  const lost = new AbortController();
  const released = new AbortController();
  const renewing = withSignal(scope, released.signal);
  scope.log.info('leading', { lease: wish.key });
  const lose = (why: string): void => {
    scope.log.warn('lease lost', { lease: wish.key, reason: why });
    lost.abort(new Failure('conflict', `the Lease ${wish.key} is lost: ${why}`));
  };
  const keep = async (): Promise<void> => {
    for (let before = 0; ;) {
      const share = held.renewedAt === before ? RETRY_SHARE : RENEW_SHARE;
      before = held.renewedAt;
      // oxlint-disable-next-line no-await-in-loop -- for as long as it is held
      await renewing.clock.sleep(wish.durationMs * share, renewing.signal);
      // oxlint-disable-next-line no-await-in-loop
      const why = await renew(held, { wish, client }, renewing);
      if (why !== undefined) {
        lose(why);
        return;
      }
    }
  };
  // Who renews it no more must not go on as if it were held.
  const kept = keep().catch((thrown: unknown) => {
    if (renewing.signal.aborted) return;
    scope.log.error('lease not kept', { lease: wish.key, error: thrown });
    lose(messageOf(thrown));
  });
  const release = async (): Promise<void> => {
    released.abort();
    await kept;
    if (!lost.signal.aborted) await giveAway(held, { wish, client }, scope);
  };
  return { signal: lost.signal, release };
}

interface At {
  readonly wish: LeaseWish;
  readonly client: KubeClient;
}

/** Gives why the Lease is not ours any more; a renewal that failed is tried again while there is time. */
async function renew(held: Held, at: At, scope: Scope): Promise<string | undefined> {
  const { wish, client } = at;
  const startedAt = scope.clock.now();
  const leftMs = held.renewedAt + (wish.durationMs * 2) / 3 - startedAt;
  if (leftMs <= 0) return 'it was not renewed in time';
  try {
    const limit = { ms: Math.min(leftMs, wish.durationMs / 3), message: 'no answer in time' };
    held.lease = await withDeadline(
      limit,
      async (signal) => write(held.lease, {}, at, withSignal(scope, signal)),
      scope,
    );
    held.renewedAt = startedAt;
    return undefined;
  } catch (thrown) {
    scope.signal.throwIfAborted();
    if (!(thrown instanceof Failure)) throw thrown;
    if (isConflict(thrown)) return takenBy(held, wish, client, scope);
    scope.log.warn('lease not renewed', { lease: wish.key, reason: thrown.message });
    return undefined;
  }
}

/** Somebody wrote the Lease: another holder, or a person who merely annotated it. */
async function takenBy(
  held: Held,
  wish: LeaseWish,
  client: KubeClient,
  scope: Scope,
): Promise<string | undefined> {
  const lease = await read(wish, client, scope).catch(() => held.lease);
  const holder = lease?.spec?.holderIdentity ?? '';
  if (!lease || holder !== wish.identity)
    return `it is held by ${holder === '' ? 'nobody' : holder}`;
  held.lease = lease;
  return undefined;
}

async function giveAway({ lease }: Held, at: At, scope: Scope): Promise<void> {
  const limit = { ms: RELEASE_MS, message: 'no answer in time' };
  const inScope = unstoppable(scope);
  try {
    await withDeadline(
      limit,
      async (signal) => write(lease, { holderIdentity: null }, at, withSignal(inScope, signal)),
      inScope,
    );
  } catch (thrown) {
    scope.log.warn('lease not released', { lease: at.wish.key, reason: messageOf(thrown) });
  }
}

const isConflict = (thrown: Failure): boolean => thrown instanceof KubeError && thrown.code === 409;

async function read(
  { key }: LeaseWish,
  client: KubeClient,
  scope: Scope,
): Promise<Lease | undefined> {
  try {
    return await client.get<Lease>({ ...LEASES, ...splitKey(key) }, scope);
  } catch (thrown) {
    if (thrown instanceof KubeError && thrown.code === 404) return undefined;
    throw thrown;
  }
}

async function create(wish: LeaseWish, client: KubeClient, scope: Scope): Promise<Lease> {
  const { namespace, name } = splitKey(wish.key);
  const acquireTime = microTime(scope.clock.now());
  const body = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name },
    spec: { ...specOf(wish, scope), acquireTime, leaseTransitions: 0 },
  };
  const options = { fieldManager: FIELD_MANAGER };
  return client.create<Lease>({ ...LEASES, namespace }, body, options, scope);
}

/** Only as it was when it was decided on. */
async function write(
  { metadata }: Lease,
  fields: Readonly<Record<string, unknown>>,
  { wish, client }: At,
  scope: Scope,
): Promise<Lease> {
  const { uid, resourceVersion } = metadata;
  const body = { metadata: { uid, resourceVersion }, spec: { ...specOf(wish, scope), ...fields } };
  const path = { ...LEASES, ...splitKey(wish.key) };
  return client.patch<Lease>(path, { type: 'merge', body, fieldManager: FIELD_MANAGER }, scope);
}

const specOf = ({ identity, durationMs }: LeaseWish, { clock }: Scope) => ({
  holderIdentity: identity,
  leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1_000)),
  renewTime: microTime(clock.now()),
});

/** A metav1.MicroTime. */
const microTime = (epochMs: number): string => new Date(epochMs).toISOString().replace('Z', '000Z');
