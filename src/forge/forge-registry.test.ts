import { describe, expect, test } from 'vitest';
import type { ForgeType } from '../model/forge-type.ts';
import { FORGES, forgeTypeOf, openForge } from './forge-registry.ts';

describe('the forge of a clone URL', () => {
  test.each([
    ['https://github.com/acme/fleet.git', 'github', 'https://api.github.com'],
    ['https://GitHub.com/acme/fleet', 'github', 'https://api.github.com'],
    ['https://acme.ghe.com/acme/fleet.git', 'github', 'https://api.acme.ghe.com'],
    ['https://gitlab.com/acme/teams/fleet.git', 'gitlab', 'https://gitlab.com/api/v4'],
    ['https://codeberg.org/acme/fleet.git', 'gitea', 'https://codeberg.org/api/v1'],
  ] as const)('%s is known to be %s', (url, type, apiBase) => {
    expect(forgeTypeOf(url, undefined)).toBe(type);
    expect(FORGES[type].locate(url, undefined).apiBase).toBe(apiBase);
  });

  test.each([
    'https://git.example.org/acme/fleet.git',
    'https://github.com.example.org/acme/fleet.git',
    'https://notghe.com/acme/fleet.git',
    'https://github.com:8443/acme/fleet.git',
  ])('%s does not tell its type, which has to be written', (url) => {
    expect(() => forgeTypeOf(url, undefined)).toThrow(
      expect.objectContaining({ kind: 'invalid', hint: expect.stringContaining('gitlab') }),
    );
    expect(forgeTypeOf(url, 'gitlab')).toBe('gitlab');
  });
});

const PLACES: readonly {
  readonly why: string;
  readonly type: ForgeType;
  readonly url: string;
  readonly apiUrl?: string;
  readonly expected: object;
}[] = [
  {
    why: 'GitHub Enterprise answers below its own host',
    type: 'github',
    url: 'https://ghe.example.org/Acme/fleet.git',
    expected: {
      apiBase: 'https://ghe.example.org/api/v3',
      segments: ['Acme', 'fleet'],
      path: 'acme/fleet',
    },
  },
  {
    why: 'an API elsewhere is taken as it is written',
    type: 'github',
    url: 'https://ghe.example.org/acme/fleet.git',
    apiUrl: 'https://api.ghe.example.org',
    expected: {
      apiBase: 'https://api.ghe.example.org',
      segments: ['acme', 'fleet'],
      path: 'acme/fleet',
    },
  },
  {
    why: 'groups of GitLab nest',
    type: 'gitlab',
    url: 'https://git.example.org/Acme/teams/eu/fleet.git',
    expected: {
      apiBase: 'https://git.example.org/api/v4',
      segments: ['Acme', 'teams', 'eu', 'fleet'],
      path: 'acme/teams/eu/fleet',
    },
  },
  {
    why: 'a GitLab below a folder is told from its groups by apiUrl',
    type: 'gitlab',
    url: 'https://example.org/tools/gitlab/acme/fleet.git',
    apiUrl: 'https://example.org/tools/gitlab/api/v4',
    expected: {
      apiBase: 'https://example.org/tools/gitlab/api/v4',
      segments: ['acme', 'fleet'],
      path: 'acme/fleet',
    },
  },
  {
    why: 'an API on another host says nothing of the groups',
    type: 'gitlab',
    url: 'https://git.example.org/acme/teams/fleet.git',
    apiUrl: 'https://internal.example.org:8443/api/v4',
    expected: {
      apiBase: 'https://internal.example.org:8443/api/v4',
      segments: ['acme', 'teams', 'fleet'],
      path: 'acme/teams/fleet',
    },
  },
  {
    why: 'a repository of Bitbucket Data Center is below /scm',
    type: 'bitbucket-data-center',
    url: 'https://git.example.org/tools/scm/OPS/fleet.git',
    expected: {
      apiBase: 'https://git.example.org/tools/rest',
      segments: ['OPS', 'fleet'],
      path: 'ops/fleet',
    },
  },
  {
    why: 'a project of Bitbucket Data Center may be a person',
    type: 'bitbucket-data-center',
    url: 'https://git.example.org/scm/~ann/fleet.git',
    expected: {
      apiBase: 'https://git.example.org/rest',
      segments: ['~ann', 'fleet'],
      path: '~ann/fleet',
    },
  },
  {
    why: 'a project of Azure DevOps may have blanks, and who clones a name',
    type: 'azure-devops',
    url: 'https://acme@dev.azure.com/acme/Our%20Shop/_git/Fleet',
    expected: {
      apiBase: 'https://dev.azure.com/acme',
      segments: ['Our Shop', 'Fleet'],
      path: 'our shop/fleet',
    },
  },
  {
    why: 'a repository of Azure DevOps with the name of its project',
    type: 'azure-devops',
    url: 'https://dev.azure.com/acme/_git/fleet',
    expected: {
      apiBase: 'https://dev.azure.com/acme',
      segments: ['fleet', 'fleet'],
      path: 'fleet/fleet',
    },
  },
  {
    why: 'the old host names of Azure DevOps',
    type: 'azure-devops',
    url: 'https://acme.visualstudio.com/DefaultCollection/shop/_git/fleet',
    expected: {
      apiBase: 'https://acme.visualstudio.com/DefaultCollection',
      segments: ['shop', 'fleet'],
      path: 'shop/fleet',
    },
  },
  {
    why: 'a collection of an Azure DevOps Server',
    type: 'azure-devops',
    url: 'https://azure.example.org/tfs/main/shop/_git/fleet',
    expected: {
      apiBase: 'https://azure.example.org/tfs/main',
      segments: ['shop', 'fleet'],
      path: 'shop/fleet',
    },
  },
];

test.each([
  ['bitbucket-data-center', 'https://git.example.org/OPS/fleet.git'],
  ['azure-devops', 'https://dev.azure.com/acme/shop/fleet'],
  ['azure-devops', 'https://dev.azure.com/acme/shop/_git/..%2Fother'],
] as const)('%s is not at %s', (type, url) => {
  expect(() => FORGES[type].locate(url, undefined)).toThrow(
    expect.objectContaining({ kind: 'invalid' }),
  );
});

test.each(PLACES)('$why', ({ type, url, apiUrl, expected }) => {
  expect(FORGES[type].locate(url, apiUrl)).toEqual(expected);
});

test('a GitHub App is for GitHub alone', () => {
  const credentials = {
    kind: 'github-app',
    appId: '1',
    installationId: '2',
    privateKey: 'x',
  } as const;
  const url = 'https://gitlab.com/acme/fleet.git';
  expect(() => openForge({ type: 'gitlab', url, credentials })).toThrow(
    expect.objectContaining({ kind: 'invalid', message: 'GitLab knows no GitHub App' }),
  );
});
