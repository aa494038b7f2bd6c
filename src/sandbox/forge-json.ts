import {
  combinedState,
  newestStatuses,
  type ForgeComment,
  type ForgeHook,
  type ForgePull,
  type ForgeRepository,
  type ForgeStatus,
  type ForgeUser,
} from './forge-state.ts';
import { PULL_DEFAULTS, REPOSITORY_DEFAULTS, USER_DEFAULTS } from './forge-json-defaults.ts';
import { DEFAULT_BRANCH } from './git-bare-repository.ts';

type Json = Record<string, unknown>;

/** Gitea's JSON for what the small forge knows (modules/structs). */
export class ForgeJson {
  readonly #url: string;

  /** `url` is the server's own, without a slash at the end. */
  constructor(url: string) {
    this.#url = url;
  }

  user(user: ForgeUser): Json {
    return {
      ...USER_DEFAULTS,
      id: user.id,
      login: user.login,
      email: user.email,
      html_url: `${this.#url}/${user.login}`,
      username: user.login,
    };
  }

  repository(repository: ForgeRepository): Json {
    return {
      ...REPOSITORY_DEFAULTS,
      id: repository.id,
      owner: this.user({ id: repository.id, login: repository.owner, email: '' }),
      name: repository.name,
      full_name: `${repository.owner}/${repository.name}`,
      description: repository.description,
      empty: repository.empty,
      private: repository.private,
      html_url: this.#page(repository),
      url: this.#api(repository),
      clone_url: `${this.#page(repository)}.git`,
      default_branch: DEFAULT_BRANCH,
      created_at: timeText(repository.createdAt),
      updated_at: timeText(repository.createdAt),
      open_pr_counter: repository.pulls.filter(({ state }) => state === 'open').length,
      permissions: { admin: true, push: true, pull: true },
    };
  }

  status(repository: ForgeRepository, oid: string, status: ForgeStatus): Json {
    return {
      id: status.id,
      status: status.state,
      target_url: status.targetUrl,
      description: status.description,
      url: `${this.#api(repository)}/statuses/${oid}`,
      context: status.context,
      creator: this.user(status.creator),
      created_at: timeText(status.createdAt),
      updated_at: timeText(status.createdAt),
    };
  }

  combinedStatus(repository: ForgeRepository, oid: string, shown: readonly ForgeStatus[]): Json {
    return {
      state: combinedState(newestStatuses(repository, oid).map(({ state }) => state)),
      sha: oid,
      total_count: shown.length,
      statuses: shown.length === 0 ? null : shown.map((it) => this.status(repository, oid, it)),
      repository: this.repository(repository),
      commit_url: `${this.#api(repository)}/commits/${oid}`,
      url: `${this.#api(repository)}/commits/${oid}/status`,
    };
  }

  async pull(repository: ForgeRepository, pull: ForgePull): Promise<Json> {
    const baseSha = (await repository.git.branch(pull.base)) ?? '';
    const at = `${this.#page(repository)}/pulls/${pull.number}`;
    const branch = { repo_id: repository.id, repo: this.repository(repository) };
    return {
      ...PULL_DEFAULTS,
      id: pull.id,
      url: at,
      number: pull.number,
      user: this.user(pull.author),
      title: pull.title,
      body: pull.body,
      state: pull.state,
      comments: pull.comments.length,
      html_url: at,
      diff_url: `${at}.diff`,
      patch_url: `${at}.patch`,
      mergeable: await isMergeable(repository, pull, baseSha),
      merged: pull.merged !== undefined,
      merged_at: pull.merged ? timeText(pull.merged.at) : null,
      merge_commit_sha: pull.merged?.oid ?? null,
      merged_by: pull.merged ? this.user(pull.merged.by) : null,
      base: { label: pull.base, ref: pull.base, sha: baseSha, ...branch },
      head: { label: pull.head, ref: pull.head, sha: pull.headSha, ...branch },
      merge_base: await repository.git.mergeBase(pull.headSha, baseSha),
      created_at: timeText(pull.createdAt),
      updated_at: timeText(pull.updatedAt),
      closed_at: pull.closedAt === undefined ? null : timeText(pull.closedAt),
    };
  }

  comment(repository: ForgeRepository, pull: ForgePull, comment: ForgeComment): Json {
    return {
      id: comment.id,
      html_url: `${this.#page(repository)}/pulls/${pull.number}#issuecomment-${comment.id}`,
      pull_request_url: `${this.#page(repository)}/pulls/${pull.number}`,
      issue_url: '',
      user: this.user(comment.author),
      original_author: '',
      original_author_id: 0,
      body: comment.body,
      assets: [],
      created_at: timeText(comment.createdAt),
      updated_at: timeText(comment.updatedAt),
    };
  }

  hook(hook: ForgeHook): Json {
    return {
      id: hook.id,
      type: 'gitea',
      branch_filter: '',
      config: { content_type: hook.contentType, url: hook.url },
      events: hook.events,
      authorization_header: '',
      active: hook.active,
      updated_at: timeText(hook.createdAt),
      created_at: timeText(hook.createdAt),
    };
  }

  #api({ owner, name }: ForgeRepository): string {
    return `${this.#url}/api/v1/repos/${owner}/${name}`;
  }

  #page({ owner, name }: ForgeRepository): string {
    return `${this.#url}/${owner}/${name}`;
  }
}

async function isMergeable(
  { git }: ForgeRepository,
  { state, headSha }: ForgePull,
  baseSha: string,
): Promise<boolean> {
  return state === 'open' && baseSha !== '' && !(await git.conflict(baseSha, headSha));
}

/** RFC 3339 in whole seconds, as Gitea writes times. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
