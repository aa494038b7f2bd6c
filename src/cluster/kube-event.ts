import type { KubeObject } from '../model/kube-object.ts';

/** What is worth an Event. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for machines. */
  readonly reason: string;
  readonly message: string;
}

const MAX_MESSAGE = 1_024;

/** A core/v1 Event about `object`, as kubectl shows it beside the object. */
export function eventObject(
  object: KubeObject,
  event: EventText,
  {
    name,
    at,
    component,
  }: { readonly name: string; readonly at: string; readonly component: string },
): unknown {
  const { apiVersion, kind, metadata } = object;
  const { namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: { apiVersion, kind, namespace, name: metadata.name, uid, resourceVersion },
    type: event.type,
    reason: event.reason,
    message: event.message.slice(0, MAX_MESSAGE),
    source: { component },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}

/** A time as Kubernetes writes it: RFC 3339 in whole seconds. */
export function secondsText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
