import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RecordingServer, say } from '../../test/fakes/recording-server.ts';
import { liveScope } from '../../test/fakes/scope.ts';
import { azureDevOpsCases } from '../../test/forges/azure-devops-cases.ts';
import { bitbucketCloudCases } from '../../test/forges/bitbucket-cloud-cases.ts';
import { bitbucketDataCenterCases } from '../../test/forges/bitbucket-data-center-cases.ts';
import type { ForgeCase, ForgeCases } from '../../test/forges/forge-cases.ts';
import { giteaCases } from '../../test/forges/gitea-cases.ts';
import { githubCases } from '../../test/forges/github-cases.ts';
import { gitlabCases } from '../../test/forges/gitlab-cases.ts';
import type { ForgeType } from '../model/forge-type.ts';
import { openForge } from './forge-registry.ts';

/** One table for all forges, a file each; whoever adds a forge adds its cases here, or this does not compile. */
const CASES: Record<ForgeType, ForgeCases> = {
  github: githubCases,
  gitlab: gitlabCases,
  gitea: giteaCases,
  'bitbucket-cloud': bitbucketCloudCases,
  'bitbucket-data-center': bitbucketDataCenterCases,
  'azure-devops': azureDevOpsCases,
};

const server = new RecordingServer();
beforeAll(() => server.listen());
afterAll(() => {
  server.close();
});
beforeEach(() => {
  server.forget();
});

describe.each(Object.entries(CASES))('%s', (type, forgeCases) => {
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
