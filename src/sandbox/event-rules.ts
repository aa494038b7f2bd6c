import { fieldsOf, textOf, withoutFields, type ApiObject, type Fields } from './api-object.ts';
import type { ResourceRules } from './resource-registry.ts';

/** Events are stored as core/v1; events.k8s.io/v1 shows the same objects under other names. */
export const coreEventRules: ResourceRules = {
  complete: (event) => {
    const first = event['firstTimestamp'] ?? null;
    return {
      ...event,
      eventTime: event['eventTime'] ?? null,
      firstTimestamp: first,
      lastTimestamp: event['lastTimestamp'] ?? first,
      source: fieldsOf(event['source']),
      reportingComponent: textOf(event['reportingComponent']),
      reportingInstance: textOf(event['reportingInstance']),
    };
  },
  toServed: (event) => ({ ...event, apiVersion: 'v1' }),
};

const NEW_NAMES: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

export const eventRules: ResourceRules = {
  toServed: (event) => ({
    ...(renamed(event, NEW_NAMES) as ApiObject),
    apiVersion: 'events.k8s.io/v1',
  }),
  toStored: (event) => ({
    ...(renamed(
      event,
      NEW_NAMES.map(([core, events]) => [events, core] as const),
    ) as ApiObject),
    apiVersion: 'v1',
  }),
};

function renamed(event: Fields, names: readonly (readonly [string, string])[]): Fields {
  const kept = withoutFields(event, ...names.map(([from]) => from));
  const moved = names.flatMap(([from, to]) =>
    event[from] === undefined ? [] : [[to, event[from]]],
  );
  return { ...kept, ...(Object.fromEntries(moved) as Fields) };
}
