import { describe, expect, test } from 'vitest';
import { recordingServer, say } from '../../test/fakes/recording-server.ts';
import { FORGE_CASES } from '../../test/forges/all-cases.ts';
import { liveScope } from '../../test/fakes/scope.ts';
import type { ForgeCase } from '../../test/forges/forge-cases.ts';
import type { ForgeType } from '../model/forge-type.ts';
import { openForge } from './forge-registry.ts';

const server = recordingServer();

describe.each(Object.entries(FORGE_CASES))('%s', (type, forgeCases) => {
  const { repository, apiPath, credentials, headers, cases } = forgeCases;
  test.each<ForgeCase>(cases)('$why', async ({ act, calls, answers, result }) => {
    server.answer = say(...answers);
    const url = server.origin + repository;
    const apiUrl = apiPath === undefined ? undefined : server.origin + apiPath;
    const forge = openForge({ type: type as ForgeType, url, apiUrl, credentials });
    expect(await act(forge, liveScope())).toEqual(result);
    forge.close();
    expect(server.requests).toEqual(calls);
    for (const [index, sent] of server.headers.entries()) {
      const hasBody = calls[index]?.body !== undefined;
      expect(sent).toMatchObject({
        ...headers,
        'user-agent': 'kudo-gitops',
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
      });
    }
  });
});
