import type { Api, Target } from './api-context.ts';
import { ApiError, badRequest, expired } from './api-error.ts';
import type { ApiObject } from './api-object.ts';
import { fieldMatcher, labelMatcher, type Matcher } from './selectors.ts';

/** What a list answers. */
export interface ObjectPage {
  readonly items: readonly ApiObject[];
  readonly revision: number;
  readonly continue: string | undefined;
  readonly remaining: number | undefined;
}

/** The objects a collection request is about, by namespace and selectors. */
export function matcherOf(
  { definition, namespace, name }: Target,
  query: URLSearchParams,
): Matcher {
  const labels = labelMatcher(query.get('labelSelector') ?? '');
  const fields = fieldMatcher(query.get('fieldSelector') ?? '', definition.fieldLabels);
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    labels(object) &&
    fields(object);
}

/** One page of a list (`limit`, `continue`, selectors, resourceVersion with its match rule). */
export function listObjects(target: Target, query: URLSearchParams, api: Api): ObjectPage {
  const position = parseContinue(query.get('continue'));
  const revision = position?.revision ?? exactRevision(query, api) ?? api.store.revision;
  const { storage } = target.definition;
  const all =
    revision === api.store.revision
      ? api.store.list(storage)
      : snapshot(storage, revision, { api, isContinued: position !== undefined });
  const after = position?.after;
  const matches = matcherOf(target, query);
  const rest = all.filter(
    (object) => (after === undefined || positionOf(object) > after) && matches(object),
  );
  return pageOf(rest, revision, query);
}

function pageOf(rest: readonly ApiObject[], revision: number, query: URLSearchParams): ObjectPage {
  const limit = parseCount(query, 'limit');
  const items = limit === 0 ? rest : rest.slice(0, limit);
  const last = items.at(-1);
  if (items.length === rest.length || last === undefined) {
    return { items, revision, continue: undefined, remaining: undefined };
  }
  const isFiltered = query.has('labelSelector') || query.has('fieldSelector');
  return {
    items,
    revision,
    continue: formatContinue(revision, positionOf(last)),
    remaining: isFiltered ? undefined : rest.length - items.length,
  };
}

/** A whole number in the query; 0 when absent. */
export function parseCount(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (text === '') return 0;
  if (!/^\d+$/.test(text))
    throw badRequest(`the query parameter ${name} is no whole number: "${text}"`);
  return Number(text);
}

function positionOf({ metadata }: ApiObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function exactRevision(query: URLSearchParams, api: Api): number | undefined {
  const revision = parseCount(query, 'resourceVersion');
  if (revision > api.store.revision) {
    throw tooLarge(revision, api.store.revision);
  }
  return query.get('resourceVersionMatch') === 'Exact' ? revision : undefined;
}

function tooLarge(revision: number, current: number): ApiError {
  const text = 'Too large resource version';
  return new ApiError(504, 'Timeout', `Timeout: ${text}: ${revision}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: text }],
    retryAfterSeconds: 1,
  });
}

function snapshot(
  storage: string,
  revision: number,
  { api, isContinued }: { readonly api: Api; readonly isContinued: boolean },
): ApiObject[] {
  if (revision >= api.store.compactedRevision) return api.store.listAt(storage, revision);
  throw expired(
    isContinued
      ? 'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.'
      : 'The resourceVersion for the provided list is too old.',
  );
}

function formatContinue(revision: number, after: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: after })).toString(
    'base64url',
  );
}

function parseContinue(token: string | null): { revision: number; after: string } | undefined {
  if (token === null || token === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    const { rv, start } = parsed as { rv?: unknown; start?: unknown };
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, after: start };
  } catch {
    // Falls through: not a token of ours.
  }
  throw badRequest('continue key is not valid');
}
