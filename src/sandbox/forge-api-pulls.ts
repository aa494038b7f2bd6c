import { Hono } from 'hono';
import * as z from 'zod';
import { messageOf } from '../lib/failure.ts';
import {
  bodyOf,
  ForgeRefusal,
  pageOf,
  pullOf,
  signedIn,
  userOf,
  type ForgeContext,
  type ForgeEnv,
  type ForgeServices,
} from './forge-context.ts';
import type { ForgePull, ForgeRepository } from './forge-state.ts';

const NewPull = z.object({
  head: z.string().min(1),
  base: z.string().min(1),
  title: z.string().min(1).max(255),
  body: z.string().default(''),
});

const EditedPull = z.object({
  title: z.string().min(1).max(255).optional(),
  body: z.string().optional(),
  state: z.enum(['open', 'closed']).optional(),
});

/** Gitea reads its own older spelling too (services/forms/repo_form.go). */
const Merge = z
  .object({
    do: z.string().optional(),
    Do: z.string().optional(),
    merge_title_field: z.string().optional(),
    MergeTitleField: z.string().optional(),
    head_commit_id: z.string().optional(),
  })
  .refine((form) => (form.do ?? form.Do) === 'merge', { path: ['Do'], message: 'In' })
  .transform((form) => ({
    title: form.merge_title_field ?? form.MergeTitleField,
    headSha: form.head_commit_id,
  }));

/** services/convert/convert.go, ToChangedFile. */
const FILE_STATUS: Readonly<Record<string, string>> = { A: 'added', D: 'deleted' };

/** Pull requests between branches of one repository (routers/api/v1/repo/pull.go). */
export function pullRoutes(services: ForgeServices): Hono<ForgeEnv> {
  const { json } = services;
  const routes = new Hono<ForgeEnv>();

  routes.get('/pulls', async (c) => {
    const wanted = c.req.query('state') ?? 'open';
    const repository = c.get('repository');
    const all = repository.pulls.filter(({ state }) => wanted === 'all' || state === wanted);
    const shown = pageOf(c, all.toReversed());
    return c.json(await Promise.all(shown.map((pull) => json.pull(repository, pull))));
  });

  routes.get('/pulls/:number', async (c) =>
    c.json(await json.pull(c.get('repository'), pullOf(c))),
  );

  routes.get('/pulls/:number/files', async (c) => {
    const { base, headSha } = pullOf(c);
    const changed = await c.get('repository').git.changedFiles(base, headSha);
    return c.json(
      pageOf(c, changed).map(({ mark, path: filename }) => ({
        filename,
        status: FILE_STATUS[mark] ?? 'changed',
      })),
    );
  });

  routes.post('/pulls', signedIn, async (c) => {
    const pull = await openPull(c, services);
    return c.json(await json.pull(c.get('repository'), pull), 201);
  });

  routes.patch('/pulls/:number', signedIn, async (c) => {
    const pull = await editPull(c, services);
    return c.json(await json.pull(c.get('repository'), pull), 201);
  });

  routes.post('/pulls/:number/merge', signedIn, async (c) => {
    await mergePull(c, services);
    return c.body(null, 200);
  });
  return routes;
}

async function openPull(
  c: ForgeContext,
  { events, scope, state }: ForgeServices,
): Promise<ForgePull> {
  const repository = c.get('repository');
  const form = await bodyOf(c, NewPull);
  const headSha = await headOf(repository, form);
  const now = scope.clock.now();
  const pull: ForgePull = {
    ...form,
    id: state.nextId(),
    number: repository.pulls.length + 1,
    author: userOf(c),
    state: 'open',
    headSha,
    comments: [],
    createdAt: now,
    updatedAt: now,
  };
  repository.pulls.push(pull);
  await repository.git.setRef(`refs/pull/${pull.number}/head`, headSha);
  await events.pullChanged(repository, pull, 'opened', userOf(c));
  return pull;
}

/** The head's commit, when a pull request between the two may be opened. */
async function headOf(
  { git, pulls }: ForgeRepository,
  form: { readonly base: string; readonly head: string },
): Promise<string> {
  if (form.base === form.head) {
    throw new ForgeRefusal(
      422,
      'Invalid PullRequest: There are no changes between the head and the base',
    );
  }
  const [headSha, baseSha] = await Promise.all([git.branch(form.head), git.branch(form.base)]);
  if (headSha === undefined || baseSha === undefined) throw new ForgeRefusal(404, 'not found');
  const isOpen = ({ state, base, head }: ForgePull): boolean =>
    state === 'open' && base === form.base && head === form.head;
  if (pulls.some(isOpen)) {
    throw new ForgeRefusal(409, 'pull request already exists for these targets');
  }
  return headSha;
}

async function editPull(c: ForgeContext, { events, scope }: ForgeServices): Promise<ForgePull> {
  const pull = pullOf(c);
  const form = await bodyOf(c, EditedPull);
  if (pull.merged && form.state === 'open') {
    throw new ForgeRefusal(422, 'cannot change the state of a merged pull request');
  }
  const before = pull.state;
  pull.title = form.title ?? pull.title;
  pull.body = form.body ?? pull.body;
  pull.state = form.state ?? pull.state;
  pull.updatedAt = scope.clock.now();
  if (pull.state === 'closed') pull.closedAt = scope.clock.now();
  const changed = pull.state === 'open' ? 'reopened' : 'closed';
  const action = before === pull.state ? 'edited' : changed;
  await events.pullChanged(c.get('repository'), pull, action, userOf(c));
  return pull;
}

async function mergePull(c: ForgeContext, { events, scope }: ForgeServices): Promise<void> {
  const repository = c.get('repository');
  const pull = pullOf(c);
  const form = await bodyOf(c, Merge);
  if (pull.state !== 'open') throw new ForgeRefusal(405, 'The PR is already merged');
  if (form.headSha !== undefined && form.headSha !== pull.headSha) {
    throw new ForgeRefusal(409, 'head out of date');
  }
  const user = userOf(c);
  const title =
    form.title ??
    `Merge pull request '${pull.title}' (#${pull.number}) from ${pull.head} into ${pull.base}`;
  const oldOid = (await repository.git.branch(pull.base)) ?? '';
  const newOid = await repository.git
    .merge(pull.base, pull.headSha, title, {
      name: user.login,
      email: user.email,
    })
    .catch((thrown: unknown) => {
      scope.log.debug('pull request not merged', { reason: messageOf(thrown) });
      throw new ForgeRefusal(409, 'merge push out of date');
    });
  const now = scope.clock.now();
  Object.assign(pull, { state: 'closed', closedAt: now, updatedAt: now });
  pull.merged = { oid: newOid, at: now, by: user };
  await events.refsMoved(repository, [{ ref: `refs/heads/${pull.base}`, oldOid, newOid }], user);
  await events.pullChanged(repository, pull, 'closed', user);
}
