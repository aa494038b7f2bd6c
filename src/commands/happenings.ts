import type { KubeObject, ObjectKey } from '../model/kube-object.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import { oidOf, shortOid } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';

/** Something that happened, as it is printed. */
export interface Happening {
  /** ISO 8601. */
  readonly time: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly namespace: string;
  /** `instance/orders` */
  readonly object: string;
  readonly message: string;
  /** The Sync it was done for, where that is known. */
  readonly sync?: string;
}

/** An Event of Kubernetes. */
export interface KubeEvent extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly source?: { readonly component?: string };
  readonly involvedObject?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly name?: string;
    readonly namespace?: string;
  };
}

/** Groups of the objects that matter here. */
const OURS = /^(gitops\.)?kudo\.dev\//;

/**
 * What an Event tells of KUDO's objects and ours; nothing of others.
 *
 * @param maskOf what makes a text about an Instance fit to be shown; told when it was said if it may quote anything
 */
export function eventHappenings(
  event: KubeEvent,
  maskOf: (instance: ObjectKey, saidAt: string | undefined) => (text: string) => string,
): readonly Happening[] {
  const { type, reason = '', message = '' } = event;
  const { apiVersion = '', kind = '', name = '', namespace = '' } = event.involvedObject ?? {};
  if (!OURS.test(apiVersion)) return [];
  const happening: Happening = {
    time: timeOf(event),
    type: type === 'Warning' ? 'Warning' : 'Normal',
    reason,
    namespace,
    object: `${kind.toLowerCase()}/${name}`,
    message: maskOf(`${namespace}/${name}`, quotedAt(event))(message),
  };
  return [happening];
}

/**
 * When an Event said what it may quote: KUDO's events of failures quote errors. Ours were masked when they were
 * written, and the others have fixed words.
 */
const quotedAt = (event: KubeEvent): string | undefined =>
  event.type === 'Warning' && event.source?.component !== FIELD_MANAGER ? timeOf(event) : undefined;

const timeOf = ({ metadata, lastTimestamp, eventTime }: KubeEvent): string =>
  lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';

/** What a Rollout, the service's own record, tells. */
export function rolloutHappenings(rollout: Rollout): readonly Happening[] {
  return [...verdicts(rollout), ...changes(rollout)];
}

function verdicts({ metadata, spec, status }: Rollout): readonly Happening[] {
  const { namespace = '', name } = metadata;
  const about = { namespace, object: `rollout/${name}`, sync: spec.sync };
  const commit = `${shortOid(oidOf(spec.revision))} ${spec.subject} (${spec.author})`;
  const time = status?.startedAt ?? metadata.creationTimestamp ?? '';
  const begun: Happening = { ...about, time, type: 'Normal', reason: 'started', message: commit };
  const { phase, finishedAt, message = '' } = status ?? {};
  if (phase === undefined || finishedAt === undefined) return [begun];
  const type = phase === 'failed' ? 'Warning' : 'Normal';
  return [begun, { ...about, time: finishedAt, type, reason: phase, message }];
}

function changes(rollout: Rollout): readonly Happening[] {
  return Object.entries(rollout.status?.changes ?? {}).flatMap(([key, change]): Happening[] => {
    const { finishedAt, state, plan, message } = change;
    if (finishedAt === undefined) return [];
    const [namespace = '', name = ''] = key.split('/');
    const ran = plan === '' || plan === '-' ? 'changed' : `plan ${plan}`;
    return [
      {
        time: finishedAt,
        type: state === 'failed' ? 'Warning' : 'Normal',
        reason: state,
        namespace,
        object: `instance/${name}`,
        message: [ran, message].filter((text) => text !== undefined && text !== '').join(': '),
        sync: rollout.spec.sync,
      },
    ];
  });
}
