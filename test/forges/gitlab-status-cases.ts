import type { CommitState } from '../../src/model/commit-status.ts';
import { SHA, STATUS, type ForgeCase } from './forge-cases.ts';

const project = '/api/v4/projects/Acme%2Fteams%2Ffleet';
const theirStatus = (id: number, rest: object = {}): object => ({
  id,
  sha: SHA,
  ref: 'main',
  status: 'success',
  name: STATUS.context,
  description: 'done',
  target_url: null,
  ...rest,
});
const statusPath = (n: number): string =>
  `${project}/repository/commits/${SHA}/statuses?name=${encodeURIComponent(STATUS.context)}&page=${n}&per_page=100`;

/** Every state of ours goes out as a word of theirs and comes back as it went. */
const WORDS: readonly (readonly [CommitState, string])[] = [
  ['pending', 'running'],
  ['success', 'success'],
  ['failure', 'failed'],
  ['error', 'canceled'],
];
const states = WORDS.map(([state, word]): ForgeCase => ({
  why: `the state ${state} is ${word}, there and back`,
  act: async (forge, scope) => {
    await forge.setStatus(SHA, { ...STATUS, state }, scope);
    return (await forge.newestStatus(SHA, STATUS.context, scope))?.state;
  },
  calls: [
    {
      method: 'POST',
      path: `${project}/statuses/${SHA}`,
      body: {
        name: STATUS.context,
        state: word,
        description: STATUS.description,
        target_url: STATUS.targetUrl,
      },
    },
    { method: 'GET', path: statusPath(1) },
  ],
  answers: [{ status: 201, body: theirStatus(1) }, { body: [theirStatus(1, { status: word })] }],
  result: state,
}));

const refusal = {
  status: 400,
  body: {
    message:
      'Cannot transition status via :run from :running (Reason(s): Status cannot transition via "run")',
  },
};

/** Statuses in GitLab's words. */
export const gitlabStatusCases: readonly ForgeCase[] = [
  ...states,
  {
    why: 'progress of a status that runs already is taken as said: GitLab keeps the first sentence',
    act: (forge, scope) => forge.setStatus(SHA, STATUS, scope),
    calls: [
      {
        method: 'POST',
        path: `${project}/statuses/${SHA}`,
        body: {
          name: STATUS.context,
          state: 'running',
          description: STATUS.description,
          target_url: STATUS.targetUrl,
        },
      },
    ],
    answers: [refusal],
  },
  {
    why: 'of several pipelines the newest status counts, and one of another name does not',
    act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
    calls: [
      { method: 'GET', path: statusPath(1) },
      { method: 'GET', path: statusPath(2) },
    ],
    answers: [
      { body: [theirStatus(4), theirStatus(9, { name: 'ci' })], headers: { 'x-next-page': '2' } },
      { body: [theirStatus(7, { status: 'failed', description: null })] },
    ],
    result: { context: STATUS.context, state: 'failure', description: '' },
  },
];
