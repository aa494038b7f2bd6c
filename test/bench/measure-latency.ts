import { cloneRepository } from '../../src/commands/git-worktree.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { createWebhook } from '../cluster/gitea-api.ts';
import { createFleetSync } from '../fakes/fleet-sync.ts';
import { serviceReady, startServiceProcess } from '../fakes/service-process.ts';
import { names } from './bench-fleet.ts';
import { ms, quantile } from './bench-table.ts';
import type { BenchWorld } from './bench-world.ts';
import { startHookRelay } from './hook-relay.ts';
import { pushed, type BenchWish } from './measure.ts';
import { WriteLog } from './write-log.ts';

/** Of issue 6. */
export const LATENCY_GOAL_MS = 250;

/** One world's times from the arrival of a webhook to the first write, in milliseconds. */
export interface Latency {
  readonly world: string;
  readonly instances: number;
  readonly hookToWrite: readonly number[];
}

const SECRET = 'for the bench';

/** Brings a fleet up and then changes one Instance after the other, by webhook alone. */
export async function measureLatency(
  world: BenchWorld,
  { instances, commits, say }: Omit<BenchWish, 'idleMs'>,
  scope: Scope,
): Promise<Latency> {
  const { dir, client, kubeconfig, forge, repository } = world;
  const fleet = names(instances);
  const log = await WriteLog.start(client, scope);
  const service = await startServiceProcess({ dir, kubeconfig });
  await serviceReady(service);
  const relay = await startHookRelay(`${service.url}/webhooks`);
  const worktree = await cloneRepository(repository.pushUrl, { ...process.env }, scope);
  try {
    await createWebhook(forge, repository, { url: relay.url, secret: SECRET });
    const bot = { login: forge.user, token: forge.token };
    // Without a webhook nothing would be noticed in time.
    const sync = { url: repository.cloneUrl, bot, interval: '1h', webhookSecret: SECRET };
    await createFleetSync(sync, client, scope);
    await log.ended(fleet, 1);
    await log.verdict(await worktree.git('rev-parse', 'HEAD'));
    say('cold convergence done');
    const hookToWrite: number[] = [];
    for (const name of fleet.slice(0, commits)) {
      const { hookToWrite: took } = await pushed([name], 2, { log, relay, worktree });
      hookToWrite.push(took);
    }
    return { world: world.name, instances, hookToWrite };
  } finally {
    await service.stop();
    await relay.close();
    await worktree.remove();
  }
}

/** The worlds beside each other. */
export function latencyTable(all: readonly Latency[]): string {
  const cells = (of: (latency: Latency) => string): string => all.map(of).join(' | ');
  const at = (share: number) => (latency: Latency) => ms(quantile(latency.hookToWrite, share));
  const samples = ({ hookToWrite }: Latency): string => String(hookToWrite.length);
  return [
    `| webhook received → first write | ${cells((one) => `${one.world}, ${one.instances}`)} |`,
    `| --- | ${cells(() => '---')} |`,
    `| p50 | ${cells(at(0.5))} |`,
    `| p95, goal ≤ ${String(LATENCY_GOAL_MS)} ms | ${cells(at(0.95))} |`,
    `| longest | ${cells(at(1))} |`,
    `| commits | ${cells(samples)} |`,
  ].join('\n');
}
