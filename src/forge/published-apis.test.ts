import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RecordedRequest } from '../../test/fakes/recording-server.ts';
import { FORGE_CASES } from '../../test/forges/all-cases.ts';
import type { ForgeType } from '../model/forge-type.ts';

interface Operation {
  readonly method: string;
  /** With `{parameters}`. */
  readonly path: string;
  readonly query: readonly string[];
  /** Names of the fields of its body; absent when it has none. */
  readonly body?: readonly string[];
  readonly required?: readonly string[];
}

interface PublishedApi {
  readonly base: string;
  /** Names that every list takes, for its pages. */
  readonly everywhere?: readonly string[];
  readonly operations: readonly Operation[];
}

/** Names that the forges' OpenAPI descriptions, or their own clients, give; where they come from stands in the file. */
const APIS = JSON.parse(
  readFileSync(new URL('../../test/forges/published-apis.json', import.meta.url), 'utf8'),
) as Readonly<Record<ForgeType, PublishedApi>>;

const REQUESTS = (Object.keys(FORGE_CASES) as ForgeType[]).flatMap((forge) =>
  FORGE_CASES[forge].cases.flatMap(({ calls }) =>
    calls.map((call) => ({ forge, call, name: `${call.method} ${call.path}` })),
  ),
);

function operationOf({ base, operations }: PublishedApi, call: RecordedRequest): Operation {
  const [path = ''] = call.path.slice(base.length).split('?');
  const found = operations.find(
    (operation) => operation.method === call.method && matches(operation.path, path),
  );
  if (!found) throw new Error(`no such operation: ${call.method} ${path}`);
  return found;
}

function matches(template: string, path: string): boolean {
  const [wanted, given] = [template.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith('{') || part === given[index])
  );
}

test.each(REQUESTS)('$forge publishes $name', ({ forge, call }) => {
  const { everywhere = [], ...api } = APIS[forge];
  const operation = operationOf(api, call);
  const query = [...new URL(call.path, 'http://x').searchParams.keys()];
  expect(query.filter((name) => ![...everywhere, ...operation.query].includes(name))).toEqual([]);
  const body = Object.keys(call.body ?? {});
  expect(body.filter((name) => !operation.body?.includes(name))).toEqual([]);
  expect(operation.required?.filter((name) => !body.includes(name)) ?? []).toEqual([]);
});
