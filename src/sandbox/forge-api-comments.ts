import { Hono } from 'hono';
import * as z from 'zod';
import {
  bodyOf,
  ForgeRefusal,
  pullOf,
  signedIn,
  userOf,
  type ForgeContext,
  type ForgeEnv,
  type ForgeServices,
} from './forge-context.ts';
import type { ForgeComment, ForgePull } from './forge-state.ts';

const Body = z.object({ body: z.string().min(1) });

/** Comments on pull requests, which Gitea keeps as issues (routers/api/v1/repo/issue_comment.go). */
export function commentRoutes({ events, json, scope, state }: ForgeServices): Hono<ForgeEnv> {
  const routes = new Hono<ForgeEnv>();

  routes.get('/issues/:number/comments', (c) => {
    const pull = issueOf(c);
    const { comments } = pull;
    c.header('X-Total-Count', String(comments.length));
    return c.json(comments.map((comment) => json.comment(c.get('repository'), pull, comment)));
  });

  routes.post('/issues/:number/comments', signedIn, async (c) => {
    const { body } = await bodyOf(c, Body);
    const pull = issueOf(c);
    const now = scope.clock.now();
    const comment = { id: state.nextId(), author: userOf(c), body, createdAt: now, updatedAt: now };
    pull.comments.push(comment);
    await events.commented(c.get('repository'), pull, comment, 'created');
    return c.json(json.comment(c.get('repository'), pull, comment), 201);
  });

  routes.patch('/issues/comments/:id', signedIn, async (c) => {
    const { pull, comment } = commentOf(c);
    comment.body = (await bodyOf(c, Body)).body;
    comment.updatedAt = scope.clock.now();
    await events.commented(c.get('repository'), pull, comment, 'edited');
    return c.json(json.comment(c.get('repository'), pull, comment));
  });

  routes.delete('/issues/comments/:id', signedIn, (c) => {
    const { pull, comment } = commentOf(c);
    pull.comments.splice(pull.comments.indexOf(comment), 1);
    return c.body(null, 204);
  });
  return routes;
}

/** Gitea has no better word for a pull request it does not know. */
function issueOf(c: ForgeContext): ForgePull {
  try {
    return pullOf(c);
  } catch {
    throw new ForgeRefusal(500, '');
  }
}

function commentOf(c: ForgeContext): { pull: ForgePull; comment: ForgeComment } {
  const id = Number(c.req.param('id'));
  for (const pull of c.get('repository').pulls) {
    const comment = pull.comments.find((candidate) => candidate.id === id);
    if (comment) return { pull, comment };
  }
  throw new ForgeRefusal(404, `comment does not exist [id: ${id}, issue_id: 0]`);
}
