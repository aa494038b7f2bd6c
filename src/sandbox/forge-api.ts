import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import {
  bodyOf,
  ForgeRefusal,
  signedIn,
  userOf,
  type ForgeEnv,
  type ForgeServices,
} from './forge-context.ts';
import { commentRoutes } from './forge-api-comments.ts';
import { hookRoutes } from './forge-api-hooks.ts';
import { pullRoutes } from './forge-api-pulls.ts';
import { statusRoutes } from './forge-api-statuses.ts';
import { messageOf } from '../lib/failure.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

const NewRepository = z.object({
  name: z.string().regex(/^(?!\.+$)[A-Za-z0-9_.-]{1,100}$/),
  private: z.boolean().default(false),
  description: z.string().max(2_048).default(''),
});

/** The part of Gitea's API v1 that a GitOps service and its users need, in Gitea's shapes and status codes. */
export function forgeApi(services: ForgeServices): Hono<ForgeEnv> {
  const { state, json, url, scope } = services;
  const api = new Hono<ForgeEnv>();

  api.onError((thrown, c) => {
    const status = thrown instanceof ForgeRefusal ? thrown.status : 500;
    if (status === 500) scope.log.warn('forge request failed', { reason: messageOf(thrown) });
    const at = { url: `${url}/api/swagger` };
    if (status === 404)
      return c.json({ message: 'not found', ...at, errors: [thrown.message] }, 404);
    return c.json({ message: status === 500 ? '' : thrown.message, ...at }, status);
  });
  api.notFound((c) =>
    c.json({ message: 'not found', url: `${url}/api/swagger`, errors: null }, 404),
  );

  // No other body is read, and a DELETE without one has none to measure.
  api.on(['POST', 'PATCH'], '*', bodyLimit({ maxSize: MAX_BODY_BYTES }));
  api.use(async (c, next) => {
    if (c.get('identity').kind === 'wrong') {
      throw new ForgeRefusal(401, 'invalid username, password or token');
    }
    await next();
  });

  api.get('/version', (c) => c.json({ version: '1.26.0+kudo-gitops-sandbox' }));
  api.get('/user', signedIn, (c) => c.json(json.user(userOf(c))));
  api.post('/user/repos', signedIn, async (c) => {
    const { name, ...options } = await bodyOf(c, NewRepository);
    const owner = userOf(c).login;
    if (state.repository(owner, name)) {
      throw new ForgeRefusal(409, 'The repository with the same name already exists.');
    }
    return c.json(json.repository(await services.createRepository(owner, name, options)), 201);
  });
  api.route('/repos/:owner/:repo', repositoryRoutes(services));
  return api;
}

function repositoryRoutes(services: ForgeServices): Hono<ForgeEnv> {
  const routes = new Hono<ForgeEnv>();
  routes.use(async (c, next) => {
    const { owner = '', repo = '' } = c.req.param() as Record<string, string | undefined>;
    const repository = services.state.repository(owner, repo);
    const isHidden = repository?.private === true && c.get('identity').kind !== 'user';
    if (!repository || isHidden) throw new ForgeRefusal(404, 'not found');
    c.set('repository', repository);
    await next();
  });
  routes.get('/', (c) => c.json(services.json.repository(c.get('repository'))));
  routes.route('/', statusRoutes(services));
  routes.route('/', pullRoutes(services));
  routes.route('/', commentRoutes(services));
  routes.route('/', hookRoutes(services));
  return routes;
}
