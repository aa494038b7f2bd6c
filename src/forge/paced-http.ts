import { Failure } from '../lib/failure.ts';
import type { ForgeHttp } from './forge-http.ts';
import type { ForgePace } from './forge-pace.ts';

/**
 * The same HTTP at the pace of its token: a call that is too early is not made.
 *
 * @throws {Failure} `unreachable` with `retryAfterMs` for a call that is too early
 */
export function pacedHttp(http: ForgeHttp, pace: ForgePace): ForgeHttp {
  return {
    ...http,
    async call(call, schema, scope) {
      const isWrite = call.method !== 'GET';
      const waitMs = pace.waitMs(isWrite, scope.clock.now());
      if (waitMs > 0) {
        const message = 'the forge is left alone for a while: it asked for that, or did not answer';
        throw new Failure('unreachable', message, { retryAfterMs: waitMs });
      }
      pace.started(isWrite, scope.clock.now());
      try {
        const answer = await http.call(call, schema, scope);
        const now = scope.clock.now();
        const quota = http.quota();
        pace.succeeded(quota?.remaining === 0 ? quota.resetAt - now : undefined, now);
        return answer;
      } catch (thrown) {
        pace.failed(thrown, scope.clock.now());
        throw thrown;
      }
    },
  };
}
