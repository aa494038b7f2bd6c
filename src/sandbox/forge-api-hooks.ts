import { Hono } from 'hono';
import * as z from 'zod';
import {
  bodyOf,
  ForgeRefusal,
  pageOf,
  signedIn,
  type ForgeContext,
  type ForgeEnv,
  type ForgeServices,
} from './forge-context.ts';
import type { ForgeHook } from './forge-state.ts';

/** `pull_request` stands for everything about pull requests (routers/api/v1/utils/hook.go); these are what happens here. */
const PULL_EVENTS = ['pull_request', 'pull_request_sync', 'pull_request_comment'];

const expand = (event: string): readonly string[] =>
  event === 'pull_request' ? PULL_EVENTS : [event];

const NewHook = z.object({
  type: z.enum(['gitea', 'gogs']),
  config: z.object({
    url: z.string().regex(/^https?:\/\//),
    content_type: z.literal('json'),
    secret: z.string().default(''),
  }),
  events: z
    .array(z.string())
    .default([])
    .transform((events) => (events.length === 0 ? ['push'] : events.flatMap(expand))),
  active: z.boolean().default(false),
});

/** Webhooks of a repository. The secret is never told again. */
export function hookRoutes({ json, scope, state }: ForgeServices): Hono<ForgeEnv> {
  const routes = new Hono<ForgeEnv>();
  routes.use('/hooks', signedIn);
  routes.use('/hooks/*', signedIn);

  routes.get('/hooks', (c) =>
    c.json(pageOf(c, c.get('repository').hooks).map((hook) => json.hook(hook))),
  );
  routes.get('/hooks/:id', (c) => c.json(json.hook(hookOf(c))));
  routes.post('/hooks', async (c) => {
    const { config, events, active } = await bodyOf(c, NewHook);
    const { url, secret, content_type: contentType } = config;
    const hook: ForgeHook = {
      id: state.nextId(),
      url,
      secret,
      contentType,
      events,
      active,
      createdAt: scope.clock.now(),
    };
    const repository = c.get('repository');
    repository.hooks = [...repository.hooks, hook];
    return c.json(json.hook(hook), 201);
  });
  routes.delete('/hooks/:id', (c) => {
    const hook = hookOf(c);
    const repository = c.get('repository');
    repository.hooks = repository.hooks.filter((other) => other !== hook);
    return c.body(null, 204);
  });
  return routes;
}

function hookOf(c: ForgeContext): ForgeHook {
  const id = Number(c.req.param('id'));
  const hook = c.get('repository').hooks.find((candidate) => candidate.id === id);
  if (!hook) throw new ForgeRefusal(404, 'not found');
  return hook;
}
