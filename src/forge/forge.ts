import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';

/** An open pull request (GitLab: merge request). */
export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly author: string;
  readonly url: string;
  /** 40 hex digits. */
  readonly headSha: string;
  readonly headRef: string;
  readonly baseRef: string;
  readonly baseSha: string;
  /** True when the head lives in another repository. */
  readonly fromFork: boolean;
}

/** A comment on a pull request. */
export interface Comment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
}

/**
 * One repository at a Git host. Translation only: what to say, how often and when is decided in
 * report/. Throws Failure: `denied` 401/403, `missing` 404, `invalid` other 4xx, `unreachable` 429/5xx
 * or network (with `retryAfterMs` when the forge said so), `timeout`.
 */
export interface Forge {
  /** Longest description the forge keeps, in UTF-16 units. */
  readonly maxDescription: number;
  setStatus(commit: string, status: CommitStatus, scope: Scope): Promise<void>;
  /** The newest status of `context` on the commit, if there is one. */
  newestStatus(commit: string, context: string, scope: Scope): Promise<CommitStatus | undefined>;
  openPullRequests(scope: Scope): Promise<readonly PullRequest[]>;
  comments(pullRequest: number, scope: Scope): Promise<readonly Comment[]>;
  createComment(pullRequest: number, body: string, scope: Scope): Promise<void>;
  editComment(comment: number, body: string, scope: Scope): Promise<void>;
  /** Who the token is, to recognise our own comment. */
  whoAmI(scope: Scope): Promise<string>;
}
