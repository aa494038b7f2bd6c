import { createHash, timingSafeEqual } from 'node:crypto';
import type { BareRepository } from './git-bare-repository.ts';

/** Somebody who may push to every repository and use the API, as a collaborator may. The token is also the password for git. */
export interface SandboxUser {
  readonly login: string;
  readonly token: string;
  readonly email?: string;
}

export interface ForgeUser {
  readonly id: number;
  readonly login: string;
  readonly email: string;
}

export interface ForgeStatus {
  /** Counts from 1 on each commit, as Gitea's does. */
  readonly id: number;
  readonly state: string;
  readonly context: string;
  readonly description: string;
  readonly targetUrl: string;
  readonly creator: ForgeUser;
  readonly createdAt: number;
}

export interface ForgeComment {
  readonly id: number;
  readonly author: ForgeUser;
  readonly createdAt: number;
  body: string;
  updatedAt: number;
}

export interface ForgePull {
  readonly id: number;
  readonly number: number;
  readonly author: ForgeUser;
  readonly base: string;
  readonly head: string;
  readonly createdAt: number;
  readonly comments: ForgeComment[];
  title: string;
  body: string;
  state: 'open' | 'closed';
  /** What `refs/pull/<number>/head` names. */
  headSha: string;
  updatedAt: number;
  closedAt?: number;
  merged?: { readonly oid: string; readonly at: number; readonly by: ForgeUser };
}

export interface ForgeHook {
  readonly id: number;
  readonly url: string;
  readonly contentType: string;
  readonly secret: string;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly createdAt: number;
}

export interface ForgeRepository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly private: boolean;
  readonly description: string;
  readonly createdAt: number;
  readonly git: BareRepository;
  /** By commit, oldest first. */
  readonly statuses: Map<string, ForgeStatus[]>;
  readonly pulls: ForgePull[];
  hooks: ForgeHook[];
  empty: boolean;
}

/** Everything the small forge knows, in memory. Times are epoch milliseconds. */
export class ForgeState {
  readonly #users: readonly { readonly user: ForgeUser; readonly digest: Buffer }[];
  readonly #repositories = new Map<string, ForgeRepository>();
  #lastId = 0;

  constructor(users: readonly SandboxUser[]) {
    this.#users = users.map(({ login, token, email }, index) => ({
      user: { id: index + 1, login, email: email ?? `${login}@sandbox.invalid` },
      digest: digestOf(token),
    }));
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Who holds the token, whatever part of it is right taking the same time. */
  userOf(token: string): ForgeUser | undefined {
    const digest = digestOf(token);
    return this.#users.find((entry) => timingSafeEqual(entry.digest, digest))?.user;
  }

  /** Names do not tell case apart. */
  repository(owner: string, name: string): ForgeRepository | undefined {
    return this.#repositories.get(`${owner}/${name}`.toLowerCase());
  }

  get repositories(): readonly ForgeRepository[] {
    return [...this.#repositories.values()];
  }

  get users(): readonly ForgeUser[] {
    return this.#users.map(({ user }) => user);
  }

  add(repository: ForgeRepository): void {
    this.#repositories.set(`${repository.owner}/${repository.name}`.toLowerCase(), repository);
  }
}

/** The newest status of each context of a commit, newest first. */
export function newestStatuses(repository: ForgeRepository, oid: string): readonly ForgeStatus[] {
  const byContext = new Map((repository.statuses.get(oid) ?? []).map((it) => [it.context, it]));
  return [...byContext.values()].toSorted((a, b) => b.id - a.id);
}

/** All of them taken together, by Gitea's rule (modules/commitstatus). */
export function combinedState(states: readonly string[]): string {
  if (states.some((state) => ['error', 'failure', 'warning'].includes(state))) return 'failure';
  const passed = states.every((state) => ['success', 'skipped'].includes(state));
  return passed && states.length > 0 ? 'success' : 'pending';
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
