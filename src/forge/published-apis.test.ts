import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RecordedRequest } from '../../test/fakes/recording-server.ts';
import { giteaCases } from '../../test/forges/gitea-cases.ts';
import { githubCases } from '../../test/forges/github-cases.ts';

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
  readonly operations: readonly Operation[];
}

/** Names that the forges' own OpenAPI descriptions give; where they come from stands in the file. */
const APIS = JSON.parse(
  readFileSync(new URL('../../test/forges/published-apis.json', import.meta.url), 'utf8'),
) as Readonly<Record<'github' | 'gitea', PublishedApi>>;

const REQUESTS = [
  ...githubCases.cases.flatMap(({ calls }) => calls.map((call) => ['github', call] as const)),
  ...giteaCases.cases.flatMap(({ calls }) => calls.map((call) => ['gitea', call] as const)),
].map(([forge, call]) => ({ forge, call, name: `${call.method} ${call.path}` }));

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
  const operation = operationOf(APIS[forge], call);
  const query = [...new URL(call.path, 'http://x').searchParams.keys()];
  expect(query.filter((name) => !operation.query.includes(name))).toEqual([]);
  const body = Object.keys(call.body ?? {});
  expect(body.filter((name) => !operation.body?.includes(name))).toEqual([]);
  expect(operation.required?.filter((name) => !body.includes(name)) ?? []).toEqual([]);
});
