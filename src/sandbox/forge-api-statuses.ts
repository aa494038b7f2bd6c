import { Hono } from 'hono';
import * as z from 'zod';
import {
  bodyOf,
  ForgeRefusal,
  pageOf,
  signedIn,
  userOf,
  type ForgeContext,
  type ForgeEnv,
  type ForgeServices,
} from './forge-context.ts';
import { newestStatuses, type ForgeStatus } from './forge-state.ts';

/** Stricter than Gitea, which keeps any word as a state. */
const STATES = ['pending', 'success', 'error', 'failure', 'warning', 'skipped'] as const;

const NewStatus = z.object({
  state: z.enum(STATES),
  context: z.string().default(''),
  description: z.string().default(''),
  target_url: z.string().default(''),
});

/** Commit statuses: every one is kept, the newest of a context counts (routers/api/v1/repo/status.go). */
export function statusRoutes({ json, scope }: ForgeServices): Hono<ForgeEnv> {
  const routes = new Hono<ForgeEnv>();

  routes.post('/statuses/:sha', signedIn, async (c) => {
    const { target_url: targetUrl, context, ...form } = await bodyOf(c, NewStatus);
    const repository = c.get('repository');
    const oid = await repository.git.resolve(c.req.param('sha'));
    // Gitea has no better word for a commit it does not know.
    if (oid === undefined) throw new ForgeRefusal(500, '');
    const statuses = repository.statuses.get(oid) ?? [];
    const status: ForgeStatus = {
      ...form,
      context: context.trim(),
      description: form.description.trim(),
      targetUrl: targetUrl.trim(),
      id: statuses.length + 1,
      creator: userOf(c),
      createdAt: scope.clock.now(),
    };
    repository.statuses.set(oid, [...statuses, status]);
    return c.json(json.status(repository, oid, status), 201);
  });

  const list = (c: ForgeContext, oid: string): Response => {
    const repository = c.get('repository');
    const all = (repository.statuses.get(oid) ?? []).toReversed();
    return c.json(pageOf(c, all).map((status) => json.status(repository, oid, status)));
  };
  routes.get('/statuses/:sha', (c) => list(c, c.req.param('sha')));
  routes.get('/commits/:ref/statuses', async (c) => list(c, await commitOf(c)));
  routes.get('/commits/:ref/status', async (c) => {
    const oid = await commitOf(c);
    const repository = c.get('repository');
    const shown = pageOf(c, newestStatuses(repository, oid));
    return c.json(json.combinedStatus(repository, oid, shown));
  });
  return routes;
}

async function commitOf(c: ForgeContext): Promise<string> {
  const ref = c.req.param('ref') ?? '';
  const { git } = c.get('repository');
  const oid = (await git.branch(ref)) ?? (await git.resolve(ref));
  if (oid === undefined)
    throw new ForgeRefusal(404, `object does not exist [id: ${ref}, rel_path: ]`);
  return oid;
}
