import { ROLLOUTS, SECRETS } from '../../src/cluster/resources.ts';
import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import { statuses } from '../cluster/gitea-api.ts';
import { waitFor } from '../cluster/processes.ts';
import { createFleetSync, FLEET, FLEET_CONTEXT } from './fleet-sync.ts';
import { startForgeSwitch, type ForgeSwitch } from './forge-switch.ts';
import type { KillStage } from './kill-story.ts';
import { startServiceProcess, type ServiceProcess } from './service-process.ts';
import { instanceFile, tinyFiles } from './tiny-operator.ts';

/** What the repository begins with. */
export const ANSWERED_FILES = tinyFiles({
  orders: { SIZE: '1' },
  mail: { SIZE: '1' },
  web: { SIZE: '1' },
  cache: { SIZE: '1' },
  hung: { SIZE: '1' },
});

type Values = Readonly<Record<string, string>>;

/** People who push, and what their forge shows them; the same on the sandbox and on a real cluster with Gitea. */
export class AnswersStory {
  /** Between the service and the forge's API; Git is not behind it. */
  readonly forge: ForgeSwitch;
  readonly #stage: KillStage;
  readonly #service: ServiceProcess;
  readonly #worktree: GitWorktree;
  readonly #scope: Scope;

  private constructor(
    parts: { stage: KillStage; forge: ForgeSwitch; service: ServiceProcess; worktree: GitWorktree },
    scope: Scope,
  ) {
    this.forge = parts.forge;
    this.#stage = parts.stage;
    this.#service = parts.service;
    this.#worktree = parts.worktree;
    this.#scope = scope;
  }

  static async start(stage: KillStage, scope: Scope): Promise<AnswersStory> {
    const { client, forge: gitea, repository, dir, kubeconfig } = stage;
    const forge = await startForgeSwitch(gitea.url);
    const bot = { login: gitea.user, token: gitea.token };
    const apiUrl = `${forge.url}/api/v1`;
    const wish = {
      url: repository.cloneUrl,
      bot,
      interval: '1s',
      paths: ['.'],
      apiUrl,
      spec: { notes: true },
    };
    await createFleetSync(wish, client, scope);
    const service = await startServiceProcess({ dir, kubeconfig });
    const worktree = await cloneRepository(repository.pushUrl, { ...process.env }, scope);
    return new AnswersStory({ stage, forge, service, worktree }, scope);
  }

  async stop(): Promise<void> {
    await this.#service.stop();
    await this.#worktree.remove();
    this.forge.close();
  }

  head(): Promise<string> {
    return this.#worktree.git('rev-parse', 'HEAD');
  }

  /** Commits a change of one Instance without pushing it. */
  commit(instance: string, parameters: Values): Promise<string> {
    const edit = { file: `${instance}.yaml`, to: instanceFile(instance, parameters) };
    return this.#worktree.commit(`${instance}: ${JSON.stringify(parameters)}`, 'Ann', [edit]);
  }

  async push(): Promise<void> {
    await this.#worktree.git('push', '--quiet', 'origin', 'HEAD');
  }

  async pushed(instance: string, parameters: Values): Promise<string> {
    const commit = await this.commit(instance, parameters);
    await this.push();
    return commit;
  }

  /** `state: description` of all that was said about a commit, oldest first; of one Instance when it is named. */
  async said(commit: string, instance?: string): Promise<readonly string[]> {
    const { forge, repository } = this.#stage;
    const access = { ...forge, password: forge.token };
    const all = await statuses(access, repository, commit);
    const wanted = instance === undefined ? FLEET_CONTEXT : `${FLEET_CONTEXT}/${instance}`;
    return all
      .filter(({ context }) => context === wanted)
      .map(({ state, description }) => `${state}: ${description}`);
  }

  /** What the repository keeps of a commit in its Git notes, line by line as JSON; none while there are none. */
  async noted(commit: string): Promise<readonly unknown[]> {
    const ref = 'refs/notes/kudo-gitops';
    try {
      await this.#worktree.git('fetch', '--quiet', 'origin', `+${ref}:${ref}`);
      const note = await this.#worktree.git('notes', `--ref=${ref}`, 'show', commit);
      return note.split('\n').map((line) => JSON.parse(line) as unknown);
    } catch {
      return [];
    }
  }

  /** All that was said, once the last of it matches. */
  async saidAtLast(commit: string, last: RegExp, instance?: string): Promise<readonly string[]> {
    return waitFor(
      `${commit.slice(0, 7)} to say ${String(last)}`,
      async () => {
        const said = await this.said(commit, instance);
        return last.test(said.at(-1) ?? '') ? said : undefined;
      },
      { process: this.#service },
    );
  }

  /** Waits until the commit is rolled out, whoever has heard of it. */
  async ended(commit: string): Promise<void> {
    await waitFor(
      `the rollout of ${commit.slice(0, 7)}`,
      async () => {
        const { items } = await this.#client.list<Rollout>(ROLLOUTS, {}, this.#scope);
        const own = items.find(({ spec }) => oidOf(spec.revision) === commit);
        return own?.status?.phase === 'succeeded' || undefined;
      },
      { process: this.#service },
    );
  }

  /** What the Secret of the forge holds as token. */
  async setToken(token: string): Promise<void> {
    const path = { ...SECRETS, namespace: FLEET.namespace, name: 'forge' };
    const body = { data: { token: Buffer.from(token).toString('base64') } };
    await this.#client.patch(path, { type: 'merge', body }, this.#scope);
  }

  get goodToken(): string {
    return this.#stage.forge.token;
  }

  get #client(): KubeClient {
    return this.#stage.client;
  }
}

/** Lines that say what the one before them said. */
export function saidTwice(said: readonly string[]): readonly string[] {
  return said.filter((line, index) => line === said[index - 1]);
}
