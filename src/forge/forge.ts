import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import type { StatusRight } from './status-right.ts';

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
  /** True when the head lives in another repository. */
  readonly fromFork: boolean;
  /** The ref of the repository under which Git gives the head. */
  readonly fetchRef: string;
}

/** What the commits of a pull request change. */
export interface PullChanges {
  /** The commit that head and base have in common; undefined when the forge names none. */
  readonly mergeBase: string | undefined;
  /** Paths between the merge base and the head, old names of renamed files too. */
  readonly files: readonly string[];
  /** False when the forge names only some of the files. */
  readonly isComplete: boolean;
}

/** A comment on a pull request. */
export interface Comment {
  /** Whatever the forge needs to find it again. */
  readonly id: string;
  readonly author: string;
  readonly body: string;
}

/** What comments of a forge can be. */
export interface CommentStyle {
  /** In UTF-16 units, with some room. */
  readonly maxLength: number;
  /** False where HTML in Markdown is shown as text: no folds, no comments in it. */
  readonly rendersHtml: boolean;
}

/** A webhook that is registered at the forge for this repository. */
export interface RegisteredWebhook {
  /** Whatever the forge needs to find it again. */
  readonly id: string;
  readonly url: string;
  /** True when it is switched on and tells of pushes and pull requests in a form that we read. */
  readonly isComplete: boolean;
}

export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

/** The webhooks that are registered for a repository at its forge. */
export interface ForgeWebhooks {
  webhooks(scope: Scope): Promise<readonly RegisteredWebhook[]>;
  /** Registers a webhook for pushes and pull requests, switched on, its secret set. */
  createWebhook(target: WebhookTarget, scope: Scope): Promise<void>;
  /** Makes an existing one what {@link createWebhook} would have made. */
  updateWebhook(webhook: string, target: WebhookTarget, scope: Scope): Promise<void>;
  removeWebhook(webhook: string, scope: Scope): Promise<void>;
}

/**
 * One repository at a Git host. Translation only: what to say, how often and when is decided in
 * report/. Throws Failure: `denied` 401/403, `missing` 404, `conflict` 409, `invalid` other 4xx,
 * `unreachable` 429/5xx or network (with `retryAfterMs` when the forge said so), `timeout`.
 */
export interface Forge extends ForgeWebhooks {
  /** Longest description the forge keeps, in UTF-16 units. */
  readonly maxDescription: number;
  /** Where comments cannot be all that those of GitHub can. */
  readonly commentStyle?: CommentStyle;
  setStatus(commit: string, status: CommitStatus, scope: Scope): Promise<void>;
  /** The newest status of `context` on the commit, if there is one. */
  newestStatus(commit: string, context: string, scope: Scope): Promise<CommitStatus | undefined>;
  openPullRequests(scope: Scope): Promise<readonly PullRequest[]>;
  changesOf(pull: PullRequest, scope: Scope): Promise<PullChanges>;
  /** Oldest first. */
  comments(pullRequest: number, scope: Scope): Promise<readonly Comment[]>;
  createComment(pullRequest: number, body: string, scope: Scope): Promise<void>;
  editComment(pullRequest: number, comment: string, body: string, scope: Scope): Promise<void>;
  /** Who the token is, as `author` of a comment names it, to recognise our own. */
  whoAmI(scope: Scope): Promise<string>;
  /** Whether the token may write statuses, asked without writing one; absent when the forge never tells. */
  statusRight?(scope: Scope): Promise<StatusRight>;
}
