import type { Forge } from '../../src/forge/forge.ts';
import type { ForgeCredentials } from '../../src/forge/forge-credentials.ts';
import type { Scope } from '../../src/lib/scope.ts';
import type { CommitStatus } from '../../src/model/commit-status.ts';
import type { CannedAnswer, RecordedRequest } from '../fakes/recording-server.ts';

/** What one call of ours is in a forge's words: the whole requests it makes, what comes back, what we read from it. */
export interface ForgeCase {
  readonly why: string;
  readonly act: (forge: Forge, scope: Scope) => Promise<unknown>;
  readonly calls: readonly RecordedRequest[];
  readonly answers: readonly CannedAnswer[];
  readonly result?: unknown;
}

/** The cases of one forge and how it is reached in them. */
export interface ForgeCases {
  /** Path of the clone URL. */
  readonly repository: string;
  /** Path where the API begins, when the clone URL does not say. */
  readonly apiPath?: string;
  readonly credentials: ForgeCredentials;
  /** Headers of every call, beside content type and user agent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cases: readonly ForgeCase[];
}

/** The same in every forge's table. */
export const TOKEN = 'token-of-the-forge';
export const SHA = 'a'.repeat(40);
export const MERGE_BASE = 'c'.repeat(40);
export const STATUS: CommitStatus = {
  context: 'kudo-gitops/prod/db/fleet',
  state: 'pending',
  description: 'kafka: deploy 1/3 phases',
  targetUrl: 'https://gitops.example.org/rollouts/1',
};
export const HOOK = { url: 'https://gitops.example.org/webhooks', secret: 'long random text' };
