import type { Context, Env, MiddlewareHandler } from 'hono';
import type * as z from 'zod';
import type { Scope } from '../lib/scope.ts';
import type { ForgeEvents } from './forge-events.ts';
import type { ForgeJson } from './forge-json.ts';
import type { Identity } from './forge-identity.ts';
import type { ForgePull, ForgeRepository, ForgeState, ForgeUser } from './forge-state.ts';

/** Everything that a request to the small forge needs. */
export interface ForgeServices {
  /** The server's own URL, without a slash at the end. */
  readonly url: string;
  readonly state: ForgeState;
  readonly json: ForgeJson;
  readonly events: ForgeEvents;
  readonly createRepository: (
    owner: string,
    name: string,
    options: { readonly private: boolean; readonly description: string },
  ) => Promise<ForgeRepository>;
  readonly scope: Scope;
}

/** What is known about a request by the time its handler runs. */
export interface ForgeEnv extends Env {
  Variables: { identity: Identity; repository: ForgeRepository };
}

export type ForgeContext = Context<ForgeEnv>;

/** An answer that ends a request, in Gitea's words. */
export class ForgeRefusal extends Error {
  override readonly name = 'ForgeRefusal';
  readonly status: 401 | 404 | 405 | 409 | 422 | 500;

  constructor(status: ForgeRefusal['status'], message: string) {
    super(message);
    this.status = status;
  }
}

/** Lets only known users through. */
export const signedIn: MiddlewareHandler<ForgeEnv> = async (c, next) => {
  if (c.get('identity').kind !== 'user') throw new ForgeRefusal(401, 'token is required');
  await next();
};

/** The user behind a request that `signedIn` let through. */
export function userOf(c: ForgeContext): ForgeUser {
  const identity = c.get('identity');
  if (identity.kind !== 'user') throw new ForgeRefusal(401, 'token is required');
  return identity.user;
}

/** The pull request named in the path. */
export function pullOf(c: ForgeContext): ForgePull {
  const number = Number(c.req.param('number'));
  const found = c.get('repository').pulls.find((pull) => pull.number === number);
  if (!found) throw new ForgeRefusal(404, 'not found');
  return found;
}

/** The JSON body, if it is what the schema says. */
export async function bodyOf<T>(c: ForgeContext, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = await c.req.json().catch(() => undefined);
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ForgeRefusal(422, `[${issue?.path.join('.') ?? ''}]: ${issue?.message ?? ''}`);
}

/** One page of `all`, by `page` and `limit` (30 unless told, at most 50), and the total beside it. */
export function pageOf<T>(c: ForgeContext, all: readonly T[]): readonly T[] {
  const number = (name: string, fallback: number): number => {
    const value = Number(c.req.query(name) ?? fallback);
    return Number.isInteger(value) && value > 0 ? value : fallback;
  };
  const limit = Math.min(number('limit', 30), 50);
  const page = number('page', 1);
  c.header('X-Total-Count', String(all.length));
  return all.slice((page - 1) * limit, page * limit);
}
