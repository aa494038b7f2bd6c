import { expect, it } from 'vitest';
import { waitFor } from '../cluster/processes.ts';
import { saidTwice, type AnswersStory } from './answers-story.ts';

/** What people see under their commits, played in this order on one repository. */
export function answersCases(story: () => AnswersStory): void {
  successCases(story);
  outcomeCases(story);
  outageCases(story);
}

function successCases(story: () => AnswersStory): void {
  it('a success is said of the commit and of the Instance that it changes', async () => {
    const commit = await story().pushed('orders', { SIZE: '2' });
    const said = await story().saidAtLast(commit, /^success: 1 change: orders SIZE 1 → 2$/);
    expect(said[0]).toMatch(/^pending: /);
    expect(saidTwice(said)).toEqual([]);
    const own = await story().saidAtLast(
      commit,
      /^success: 1 change: orders SIZE 1 → 2$/,
      'orders',
    );
    expect(saidTwice(own)).toEqual([]);
  });

  it('how a commit ended is kept in the notes of the repository', async () => {
    const commit = await story().head();
    const lines = await waitFor('the note', async () => {
      const noted = await story().noted(commit);
      return noted.length > 0 ? noted : undefined;
    });
    expect(lines).toMatchObject([
      {
        key: expect.stringMatching(/^test\/shop\/fleet-/),
        spec: { revision: `main@sha1:${commit}` },
        status: { phase: 'succeeded' },
      },
    ]);
  });
}

function outcomeCases(story: () => AnswersStory): void {
  it('a failure is said with the step that failed, and its cure with success', async () => {
    const bad = await story().pushed('orders', { SIZE: '2', FLAG: 'perhaps' });
    const said = await story().saidAtLast(
      bad,
      /^failure: orders: FATAL_ERROR in update\.main\.flag/,
    );
    expect(saidTwice(said)).toEqual([]);
    const good = await story().pushed('orders', { SIZE: '2' });
    await story().saidAtLast(good, /^success: 1 change/);
  });

  it('of twenty commits that are pushed at once each has an answer, and the newest the verdict', async () => {
    const commits: string[] = [];
    for (let size = 2; size < 22; size++) {
      const instance = size % 5 === 0 ? 'orders' : 'mail';
      // oxlint-disable-next-line no-await-in-loop
      commits.push(await story().commit(instance, { SIZE: String(size) }));
    }
    await story().push();
    const head = commits.at(-1) ?? '';
    await story().saidAtLast(head, /^success: 2 changes/);
    for (const commit of commits.slice(0, -1)) {
      const superseded = new RegExp(`^success: superseded by ${head.slice(0, 7)}$`);
      // oxlint-disable-next-line no-await-in-loop
      const said = await story().saidAtLast(commit, superseded);
      expect(saidTwice(said)).toEqual([]);
    }
  });
}

function outageCases(story: () => AnswersStory): void {
  it('a forge that is away for the whole rollout is told of it when it is back', async () => {
    story().forge.status = 503;
    const before = story().forge.refused();
    const commit = await story().pushed('web', { SIZE: '2' });
    await refusedSince(story(), before, 1);
    await story().ended(commit);
    expect(await story().said(commit)).toEqual([]);
    story().forge.status = undefined;
    const said = await story().saidAtLast(commit, /^success: 1 change: web SIZE 1 → 2$/);
    expect(saidTwice(said)).toEqual([]);
  });

  it('what was to be said with a revoked token is said with the renewed one', async () => {
    story().forge.status = 401;
    const before = story().forge.refused();
    const commit = await story().pushed('cache', { SIZE: '2' });
    await refusedSince(story(), before, 1);
    await story().setToken('revoked');
    story().forge.status = undefined;
    expect(await story().said(commit)).toEqual([]);
    await story().setToken(story().goodToken);
    const said = await story().saidAtLast(commit, /^success: 1 change: cache SIZE 1 → 2$/);
    expect(saidTwice(said)).toEqual([]);
  });

  it('a commit whose plan hangs is superseded by the next, and its Instance with it', async () => {
    const hanging = await story().pushed('hung', { OUTCOME: 'fail' });
    await story().saidAtLast(hanging, /^pending: hung: serve /);
    const next = await story().pushed('mail', { SIZE: '99' });
    const superseded = `success: superseded by ${next.slice(0, 7)}`;
    const said = await story().saidAtLast(hanging, new RegExp(`^${superseded}$`));
    expect(saidTwice(said)).toEqual([]);
    await story().saidAtLast(hanging, new RegExp(`^${superseded}$`), 'hung');
  });
}

async function refusedSince(story: AnswersStory, before: number, times: number): Promise<void> {
  await waitFor('refused calls', async () =>
    Promise.resolve(story.forge.refused() >= before + times || undefined),
  );
}
