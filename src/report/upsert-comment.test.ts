import { expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import type { Comment } from '../forge/forge.ts';
import { upsertComment, type CommentForge } from './upsert-comment.ts';

const marker = '<!-- kudo-gitops preview prod/shop/fleet -->';

function forgeWith(...comments: Comment[]) {
  const calls: string[] = [];
  const forge: CommentForge = {
    comments: () => Promise.resolve(comments),
    whoAmI: () => Promise.resolve('bot'),
    createComment: (pullRequest, body) => {
      calls.push(`create on #${pullRequest}: ${body}`);
      return Promise.resolve();
    },
    editComment: (pullRequest, id, body) => {
      calls.push(`edit ${id} on #${pullRequest}: ${body}`);
      return Promise.resolve();
    },
  };
  return { forge, calls };
}

const body = `${marker}\n2 changes\n`;
const wanted = { pullRequest: 7, marker, body, mayCreate: true };

test.each([
  { why: 'is written when there is none', comments: [], calls: [`create on #7: ${body}`] },
  {
    why: 'is edited in place when it says something else',
    comments: [{ id: '3', author: 'bot', body: `${marker}\n1 change\n` }],
    calls: [`edit 3 on #7: ${body}`],
  },
  {
    why: 'is left alone when it says the same, whatever the forge made of its line ends',
    comments: [{ id: '3', author: 'bot', body: `${marker}\r\n2 changes` }],
    calls: [],
  },
  {
    why: 'is never that of somebody who copied the marker',
    comments: [{ id: '3', author: 'mallory', body: `${marker}\nnothing to see` }],
    calls: [`create on #7: ${body}`],
  },
  {
    why: 'is the oldest of ours when there are several',
    comments: [
      { id: '3', author: 'bot', body: marker },
      { id: '9', author: 'bot', body: marker },
    ],
    calls: [`edit 3 on #7: ${body}`],
  },
])('the comment $why', async ({ comments, calls }) => {
  const { forge, calls: made } = forgeWith(...comments);
  await upsertComment(wanted, forge, testScope());
  expect(made).toEqual(calls);
});

test('a pull request that is none of our business gets no comment', async () => {
  const { forge, calls } = forgeWith();
  const done = await upsertComment({ ...wanted, mayCreate: false }, forge, testScope());
  expect([done, calls]).toEqual(['unchanged', []]);
});
