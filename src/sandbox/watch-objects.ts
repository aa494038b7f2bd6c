import type { Api, Target } from './api-context.ts';
import { statusOf, type ApiError } from './api-error.ts';
import type { ApiObject } from './api-object.ts';
import { matcherOf, parseCount } from './read-objects.ts';
import { objectText, type Representation } from './representation.ts';
import { apiVersionOf } from './resource-registry.ts';
import type { Matcher } from './selectors.ts';
import type { StoreEvent } from './store.ts';

/** Where the lines of a watch go. */
export interface WatchSink {
  readonly write: (line: string) => void;
}

/** A running watch. */
export interface Watch {
  /** Tells the client how far it has seen, if it asked for that. */
  readonly bookmark: () => void;
  /** Stops without a word. */
  readonly stop: () => void;
}

const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * Streams the events of a resource from the resourceVersion in the query on; without one (or 0), what
 * is there now comes first. Throws 410 when the history does not reach back that far.
 */
export function startWatch(
  target: Target,
  query: URLSearchParams,
  {
    wanted,
    sink,
    api,
  }: { readonly wanted: Representation; readonly sink: WatchSink; readonly api: Api },
): Watch {
  const { definition } = target;
  const matches = matcherOf(target, query);
  const from = startRevision(query);
  const sendsInitial = query.get('sendInitialEvents') === 'true';
  let isFirst = true;
  const line = (type: string, object: ApiObject): void => {
    const text = objectText(object, definition, wanted, isFirst);
    isFirst = false;
    sink.write(`{"type":"${type}","object":${text}}\n`);
  };
  const relay = (event: StoreEvent): void => {
    if (event.storage !== definition.storage || event.revision <= (from ?? 0)) return;
    const seen = eventFor(event, matches);
    if (seen !== undefined) line(seen.type, seen.object);
  };
  const bookmark = (annotations?: Readonly<Record<string, string>>): void => {
    sink.write(`${bookmarkText(target, api.store.revision, annotations)}\n`);
  };
  const past = from === undefined || sendsInitial ? [] : api.store.eventsSince(from);
  if (from === undefined || sendsInitial) {
    for (const object of api.store.list(definition.storage))
      if (matches(object)) line('ADDED', object);
  }
  if (sendsInitial) bookmark({ [INITIAL_EVENTS_END]: 'true' });
  for (const event of past) relay(event);
  const stop = api.store.subscribe(relay);
  const allowsBookmarks = query.get('allowWatchBookmarks') === 'true';
  return {
    stop,
    bookmark: () => {
      if (allowsBookmarks) bookmark();
    },
  };
}

function startRevision(query: URLSearchParams): number | undefined {
  const revision = parseCount(query, 'resourceVersion');
  return revision === 0 ? undefined : revision;
}

/** An object that comes into or leaves the selection is added or deleted for this watcher. */
function eventFor(
  event: StoreEvent,
  matches: Matcher,
): { readonly type: StoreEvent['type']; readonly object: ApiObject } | undefined {
  const { type, object, previous } = event;
  const isIn = matches(object);
  const wasIn = previous !== undefined && matches(previous);
  if (type === 'DELETED') return wasIn || isIn ? { type, object } : undefined;
  if (isIn) return { type: wasIn ? 'MODIFIED' : 'ADDED', object };
  if (!wasIn) return undefined;
  // The last state that matched, at the revision of the write that ended it.
  const { resourceVersion } = object.metadata;
  return {
    type: 'DELETED',
    object: { ...previous, metadata: { ...previous.metadata, resourceVersion } },
  };
}

function bookmarkText(
  { definition }: Target,
  revision: number,
  annotations: Readonly<Record<string, string>> | undefined,
): string {
  const object = {
    kind: definition.kind,
    apiVersion: apiVersionOf(definition),
    metadata: {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
  return JSON.stringify({ type: 'BOOKMARK', object });
}

/** An error inside a running watch. */
export function watchErrorText(error: ApiError): string {
  return `${JSON.stringify({ type: 'ERROR', object: statusOf(error) })}\n`;
}
