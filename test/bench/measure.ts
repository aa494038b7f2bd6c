import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { createWebhook } from '../cluster/gitea-api.ts';
import { createFleetSync } from '../fakes/fleet-sync.ts';
import { startKillProxy } from '../fakes/kill-proxy.ts';
import {
  serviceReady,
  startServiceProcess,
  type ServiceProcess,
} from '../fakes/service-process.ts';
import { fileOf, instanceText, names } from './bench-fleet.ts';
import type { BenchWorld } from './bench-world.ts';
import type { KudoAlone } from './kudo-alone.ts';
import { startHookRelay, type HookRelay } from './hook-relay.ts';
import { WriteLog } from './write-log.ts';

export interface BenchWish {
  /** Instances of the fleet. */
  readonly instances: number;
  /** Commits that change one Instance each. */
  readonly commits: number;
  /** How long nothing changes at the end. */
  readonly idleMs: number;
  readonly say: (line: string) => void;
}

/** All times in milliseconds. */
export interface Figures {
  readonly coldFirstWrite: number;
  readonly coldAllDone: number;
  /** Instances created a second, from the first to the last. */
  readonly coldWritesPerSecond: number;
  readonly hookToWrite: readonly number[];
  readonly pushToWrite: readonly number[];
  readonly allHookToWrite: number;
  readonly allDone: number;
  readonly allWritesPerSecond: number;
  readonly idleRequestsPerMinute: number;
  readonly residentMb: number;
  readonly busyLagMs: number;
  readonly idleLagMs: number;
  /** What KUDO admits without the service; undefined where it is not KUDO's own manager. */
  readonly alone?: KudoAlone | undefined;
}

const SECRET = 'for the bench';

/** Measures one world from empty to idle. */
export async function measure(world: BenchWorld, wish: BenchWish, scope: Scope): Promise<Figures> {
  const { dir, client, kubeconfig, forge, repository } = world;
  const fleet = names(wish.instances);
  const log = await WriteLog.start(client, scope);
  const service = await startServiceProcess({ dir, kubeconfig });
  await serviceReady(service);
  const relay = await startHookRelay(`${service.url}/webhooks`);
  const worktree = await cloneRepository(repository.pushUrl, { ...process.env }, scope);
  try {
    await createWebhook(forge, repository, { url: relay.url, secret: SECRET });
    const startedAt = Date.now();
    const bot = { login: forge.user, token: forge.token };
    const sync = { url: repository.cloneUrl, bot, interval: '1m', webhookSecret: SECRET };
    await createFleetSync({ ...sync, maxConcurrent: wish.instances }, client, scope);
    const cold = await log.ended(fleet, 1);
    await log.verdict(await worktree.git('rev-parse', 'HEAD'));
    wish.say('cold convergence done');
    const afterCold = await scrape(service);

    const stage = { log, relay, worktree };
    const single = [];
    for (const name of fleet.slice(0, wish.commits)) single.push(await pushed([name], 2, stage));
    wish.say('single changes done');
    const afterSingle = await scrape(service);
    const last = await pushed(fleet.slice(wish.commits), 3, stage);
    wish.say('change of all done');
    const afterAll = await scrape(service);
    await service.stop();
    const idle = await measureIdle(world, wish.idleMs);
    const scrapes = [afterCold, afterSingle, afterAll];
    return {
      coldFirstWrite: first(cold.map(({ writtenAt }) => writtenAt)) - startedAt,
      coldAllDone: lastOf(cold.map(({ endedAt = 0 }) => endedAt)) - startedAt,
      coldWritesPerSecond: rate(cold.map(({ writtenAt }) => writtenAt)),
      hookToWrite: single.map(({ hookToWrite }) => hookToWrite),
      pushToWrite: single.map(({ pushToWrite }) => pushToWrite),
      allHookToWrite: last.hookToWrite,
      allDone: last.hookToDone,
      allWritesPerSecond: last.writesPerSecond,
      idleRequestsPerMinute: idle.requestsPerMinute,
      residentMb: lastOf([...scrapes, idle.scrape].map(({ residentMb }) => residentMb)),
      busyLagMs: lastOf(scrapes.map(({ lagMs }) => lagMs)),
      idleLagMs: idle.scrape.lagMs,
    };
  } finally {
    await service.stop();
    await relay.close();
    await worktree.remove();
  }
}

export interface Stage {
  readonly log: WriteLog;
  readonly relay: HookRelay;
  readonly worktree: GitWorktree;
}

export interface Pushed {
  readonly hookToWrite: number;
  readonly pushToWrite: number;
  readonly hookToDone: number;
  readonly writesPerSecond: number;
}

/** Pushes a commit that changes these Instances, and waits for its verdict. */
export async function pushed(
  fleet: readonly string[],
  size: number,
  { log, relay, worktree }: Stage,
): Promise<Pushed> {
  const edits = fleet.map((name) => ({ file: fileOf(name), to: instanceText(name, size) }));
  const commit = await worktree.commit(`size ${String(size)}`, 'Bench', edits);
  const begunAt = Date.now();
  await worktree.git('push', '--quiet', 'origin', 'HEAD');
  const pushedAt = Date.now();
  const runs = await log.ended(fleet, 2);
  await log.verdict(commit);
  const writes = runs.map(({ writtenAt }) => writtenAt);
  const hookAt = relay.arrivedAfter(begunAt) ?? Number.NaN;
  return {
    hookToWrite: first(writes) - hookAt,
    pushToWrite: first(writes) - pushedAt,
    hookToDone: lastOf(runs.map(({ endedAt = 0 }) => endedAt)) - hookAt,
    writesPerSecond: rate(writes),
  };
}

interface Scrape {
  readonly residentMb: number;
  /** p99 since the scrape before. */
  readonly lagMs: number;
}

async function scrape({ url }: ServiceProcess): Promise<Scrape> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    residentMb: value('process_resident_memory_bytes') / 2 ** 20,
    lagMs: value('nodejs_eventloop_lag_p99_seconds') * 1_000,
  };
}

/** A service that has just been started behind a counting proxy, while nothing changes. */
async function measureIdle(
  world: BenchWorld,
  idleMs: number,
): Promise<{ requestsPerMinute: number; scrape: Scrape }> {
  const proxiedKubeconfig = join(world.dir, 'kubeconfig-counted');
  const proxy = await startKillProxy({
    kubeconfig: world.kubeconfig,
    proxiedKubeconfig,
    forge: world.forge.url,
    fateOf: () => 'passes',
    kill: async () => undefined,
  });
  const dir = join(world.dir, 'idle');
  await mkdir(dir);
  const service = await startServiceProcess({ dir, kubeconfig: proxiedKubeconfig });
  try {
    await serviceReady(service);
    await sleep(Math.min(10_000, idleMs));
    await scrape(service);
    const before = proxy.requests();
    await sleep(idleMs);
    const requestsPerMinute = ((proxy.requests() - before) * 60_000) / idleMs;
    return { requestsPerMinute, scrape: await scrape(service) };
  } finally {
    await service.stop();
    await proxy.close();
  }
}

const first = (times: readonly number[]): number => Math.min(...times);
const lastOf = (times: readonly number[]): number => Math.max(...times);

function rate(times: readonly number[]): number {
  return ((times.length - 1) * 1_000) / Math.max(1, lastOf(times) - first(times));
}
