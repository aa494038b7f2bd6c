import type { Clock } from '../lib/scope.ts';
import type { WebhookDelivery } from './forge-delivery.ts';
import type { ForgeJson } from './forge-json.ts';
import type { ForgeComment, ForgePull, ForgeRepository, ForgeUser } from './forge-state.ts';
import { NO_COMMIT } from './git-bare-repository.ts';

/** A ref that moved. Oids are 40 zeros where there was or is nothing. */
export interface RefUpdate {
  readonly ref: string;
  readonly oldOid: string;
  readonly newOid: string;
}

const MAX_COMMITS = 30;

/** What follows from things that happened: pull requests that move with their branches, and webhooks. */
export class ForgeEvents {
  readonly #url: string;
  readonly #json: ForgeJson;
  readonly #delivery: WebhookDelivery;
  readonly #clock: Clock;

  constructor(url: string, json: ForgeJson, delivery: WebhookDelivery, clock: Clock) {
    this.#url = url;
    this.#json = json;
    this.#delivery = delivery;
    this.#clock = clock;
  }

  /** After refs of the repository were updated by `pusher`. */
  async refsMoved(
    repository: ForgeRepository,
    updates: readonly RefUpdate[],
    pusher: ForgeUser,
  ): Promise<void> {
    repository.empty = false;
    for (const update of updates) {
      // Webhooks leave in the order in which the refs moved.
      // oxlint-disable-next-line no-await-in-loop
      await this.#refMoved(repository, update, pusher);
    }
  }

  /** After something happened to a pull request. */
  async pullChanged(
    repository: ForgeRepository,
    pull: ForgePull,
    action: 'opened' | 'closed' | 'reopened' | 'edited' | 'synchronized',
    sender: ForgeUser,
  ): Promise<void> {
    this.#delivery.send(repository.hooks, {
      name: 'pull_request',
      type: action === 'synchronized' ? 'pull_request_sync' : 'pull_request',
      payload: {
        action,
        number: pull.number,
        pull_request: await this.#json.pull(repository, pull),
        requested_reviewer: null,
        repository: this.#json.repository(repository),
        sender: this.#json.user(sender),
        commit_id: '',
        review: null,
      },
    });
  }

  /** After a comment was written or edited, by its author. */
  async commented(
    repository: ForgeRepository,
    pull: ForgePull,
    comment: ForgeComment,
    action: 'created' | 'edited',
  ): Promise<void> {
    const { number, title, state } = pull;
    this.#delivery.send(repository.hooks, {
      name: 'issue_comment',
      type: 'pull_request_comment',
      payload: {
        action,
        issue: { id: pull.id, number, title, state },
        pull_request: await this.#json.pull(repository, pull),
        comment: this.#json.comment(repository, pull, comment),
        repository: this.#json.repository(repository),
        sender: this.#json.user(comment.author),
        is_pull: true,
      },
    });
  }

  async #refMoved(
    repository: ForgeRepository,
    update: RefUpdate,
    pusher: ForgeUser,
  ): Promise<void> {
    const branch = /^refs\/heads\/(.+)$/.exec(update.ref)?.[1];
    if (update.newOid !== NO_COMMIT) await this.#pushed(repository, update, pusher);
    if (branch === undefined) return;
    const moved = repository.pulls.filter(({ state, head }) => state === 'open' && head === branch);
    await Promise.all(
      moved.map(async (pull) => {
        pull.updatedAt = this.#clock.now();
        if (update.newOid === NO_COMMIT) {
          pull.state = 'closed';
          pull.closedAt = this.#clock.now();
          await this.pullChanged(repository, pull, 'closed', pusher);
          return;
        }
        pull.headSha = update.newOid;
        await repository.git.setRef(`refs/pull/${pull.number}/head`, update.newOid);
        await this.pullChanged(repository, pull, 'synchronized', pusher);
      }),
    );
  }

  async #pushed(
    repository: ForgeRepository,
    { ref, oldOid, newOid }: RefUpdate,
    pusher: ForgeUser,
  ): Promise<void> {
    const isNew = oldOid === NO_COMMIT;
    const log = await repository.git.log(newOid, {
      max: isNew ? 1 : MAX_COMMITS,
      ...(isNew ? {} : { from: oldOid }),
    });
    const commits = log.map((commit) => {
      const who = { name: commit.author, email: commit.email, username: '' };
      return {
        id: commit.oid,
        message: `${commit.subject}\n`,
        url: `${this.#url}/${repository.owner}/${repository.name}/commit/${commit.oid}`,
        author: who,
        committer: who,
        verification: null,
        timestamp: commit.committedAt,
      };
    });
    this.#delivery.send(repository.hooks, {
      name: 'push',
      type: 'push',
      payload: {
        ref,
        before: oldOid,
        after: newOid,
        compare_url: '',
        commits,
        total_commits: commits.length,
        head_commit: commits[0] ?? null,
        repository: this.#json.repository(repository),
        pusher: this.#json.user(pusher),
        sender: this.#json.user(pusher),
      },
    });
  }
}
