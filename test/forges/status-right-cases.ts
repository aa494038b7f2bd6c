import type { CannedAnswer } from '../fakes/recording-server.ts';
import type { ForgeCase } from './forge-cases.ts';

const act: ForgeCase['act'] = (forge, scope) =>
  forge.statusRight?.(scope) ?? Promise.resolve(undefined);

const GITHUB_CALLS = [{ method: 'GET', path: '/api/v3/repos/Acme/fleet' }];
const repository = (push: boolean, isPrivate: boolean, scopes?: string): CannedAnswer => ({
  ...(scopes === undefined ? {} : { headers: { 'x-oauth-scopes': scopes } }),
  body: {
    id: 7,
    name: 'fleet',
    private: isPrivate,
    permissions: { admin: false, pull: true, push },
  },
});

/** What GitHub tells of tokens before they write a status. */
export const githubRightCases: readonly ForgeCase[] = [
  {
    why: 'a classic token of somebody who may push may write statuses',
    act,
    calls: GITHUB_CALLS,
    answers: [repository(true, true, 'read:org, repo:status')],
    result: { may: true, because: 'its owner may push, and it has the scope repo:status' },
  },
  {
    why: 'a classic token of somebody who may not push may write no statuses',
    act,
    calls: GITHUB_CALLS,
    answers: [repository(false, true, 'repo')],
    result: { may: false, because: 'its owner may not push to the repository' },
  },
  {
    why: 'the scope of public repositories is not enough for a private one',
    act,
    calls: GITHUB_CALLS,
    answers: [repository(true, true, 'public_repo')],
    result: { may: false, because: 'it has none of the scopes repo, repo:status' },
  },
  {
    why: 'and is enough for a public one',
    act,
    calls: GITHUB_CALLS,
    answers: [repository(true, false, 'public_repo')],
    result: { may: true, because: 'its owner may push, and it has the scope public_repo' },
  },
  {
    why: 'a token without scopes may write no statuses',
    act,
    calls: GITHUB_CALLS,
    answers: [repository(true, false, '')],
    result: { may: false, because: 'it has none of the scopes repo, repo:status, public_repo' },
  },
  {
    why: 'of a fine-grained token nothing is known',
    act,
    calls: GITHUB_CALLS,
    answers: [repository(true, true)],
    result: {
      may: undefined,
      because: 'GitHub tells nothing of what a fine-grained token may do',
    },
  },
];

const giteaRepository = (push: boolean): readonly CannedAnswer[] => [
  { body: { id: 7, name: 'fleet', permissions: { admin: false, pull: true, push } } },
];
const GITEA_CALLS = [{ method: 'GET', path: '/api/v1/repos/Acme/fleet' }];

/** What Gitea tells of tokens before they write a status. */
export const giteaRightCases: readonly ForgeCase[] = [
  {
    why: 'a token of somebody who may only read may write no statuses',
    act,
    calls: GITEA_CALLS,
    answers: giteaRepository(false),
    result: { may: false, because: 'its owner may not write to the repository' },
  },
  {
    why: 'whether the token itself may write is not told',
    act,
    calls: GITEA_CALLS,
    answers: giteaRepository(true),
    result: {
      may: undefined,
      because: 'Gitea tells what its owner may do, not the scopes of the token',
    },
  },
];

const self = { method: 'GET', path: '/api/v4/personal_access_tokens/self' };
const member = { method: 'GET', path: '/api/v4/projects/Acme%2Fteams%2Ffleet/members/all/3' };
const token = (...scopes: readonly string[]): CannedAnswer => ({
  body: { id: 5, name: 'kudo-gitops', active: true, user_id: 3, scopes },
});
const missing: CannedAnswer = { status: 404, body: { message: '404 Not found' } };
const kindNotTold = {
  may: undefined,
  because: 'GitLab does not tell what this kind of token may do',
};

/** What GitLab tells of tokens before they write a status. */
export const gitlabRightCases: readonly ForgeCase[] = [
  {
    why: 'a token of a Developer with the scope api may write statuses',
    act,
    calls: [self, member],
    answers: [token('read_repository', 'api'), { body: { id: 3, access_level: 30 } }],
    result: { may: true, because: 'its owner is Developer or more, and it has the scope api' },
  },
  {
    why: 'a token of a Reporter may write no statuses',
    act,
    calls: [self, member],
    answers: [token('api'), { body: { id: 3, access_level: 20 } }],
    result: { may: false, because: 'its owner is less than Developer in the project' },
  },
  {
    why: 'a token that may only read may write no statuses',
    act,
    calls: [self],
    answers: [token('read_api')],
    result: { may: false, because: 'it lacks the scope api' },
  },
  {
    why: 'an administrator need not be a member',
    act,
    calls: [self, member],
    answers: [token('api'), missing],
    result: { may: undefined, because: 'its owner is no member of the project' },
  },
  {
    why: 'of a token of another kind nothing is known',
    act,
    calls: [self],
    answers: [missing],
    result: kindNotTold,
  },
  {
    why: 'nor of one with fine-grained permissions',
    act,
    calls: [self],
    answers: [
      { body: { id: 5, user_id: 3, scopes: ['granular'], granular_scopes: [{ access: 'user' }] } },
    ],
    result: kindNotTold,
  },
];
