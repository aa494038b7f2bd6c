import * as z from 'zod';
import type { Scope } from '../lib/scope.ts';
import type { ForgeAnswer } from './forge-wire.ts';
import type { ForgeCall, ForgeHttp } from './forge-http.ts';

/** The part of a forge's API below one path. */
export interface JsonApi {
  get<T>(path: string, schema: z.ZodType<T>, scope: Scope): Promise<T>;
  /** With the headers, for paging. */
  getWithHeaders<T>(
    path: string,
    schema: z.ZodType<T>,
    scope: Scope,
  ): Promise<{ value: T; headers: ForgeAnswer['headers'] }>;
  sendFor<T>(call: ForgeCall, schema: z.ZodType<T>, scope: Scope): Promise<T>;
  /** Whose answer does not matter but for its success. */
  send(method: ForgeCall['method'], path: string, body: unknown, scope: Scope): Promise<void>;
}

/** @param root path below the API's base, such as that of the repository */
export function jsonApi(http: ForgeHttp, root: string): JsonApi {
  const getWithHeaders: JsonApi['getWithHeaders'] = (path, schema, scope) =>
    http.call({ method: 'GET', path: root + path }, schema, scope);
  return {
    getWithHeaders,
    get: async (path, schema, scope) => (await getWithHeaders(path, schema, scope)).value,
    sendFor: async (call, schema, scope) =>
      (await http.call({ ...call, path: root + call.path }, schema, scope)).value,
    send: async (method, path, body, scope) => {
      await http.call({ method, path: root + path, body }, z.unknown(), scope);
    },
  };
}
