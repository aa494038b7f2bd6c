import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEASES } from '../../src/cluster/resources.ts';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { startFleetSandbox } from '../fakes/fleet-sandbox.ts';
import { createFleetSync, FLEET_CONTEXT } from '../fakes/fleet-sync.ts';
import { keptStatuses } from '../fakes/forge-statuses.ts';
import { PlanRuns } from '../fakes/plan-runs.ts';
import { liveScope } from '../fakes/scope.ts';
import { startServiceProcess, type ServiceProcess } from '../fakes/service-process.ts';
import { instanceFile, tinyFiles } from '../fakes/tiny-operator.ts';

const LEASE = { ...LEASES, namespace: 'default', name: 'leader' };
const ORDERS = 'shop/orders';

/** Why: who is killed or cut off in the middle of a plan must be followed by one who knows all of it. */
describe('two services on one cluster', () => {
  const scope = liveScope();
  let dir: string;
  let sandbox: Sandbox;
  let worktree: GitWorktree;
  let runs: PlanRuns;
  const services: ServiceProcess[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-two-'));
    const fleet = await startFleetSandbox(tinyFiles({ orders: {} }), scope);
    const { cloneUrl: url, pushUrl } = fleet.repository;
    ({ sandbox } = fleet);
    const { client, bot } = sandbox;
    worktree = await cloneRepository(pushUrl, { ...process.env }, scope);
    runs = await PlanRuns.watch(client, scope);
    await createFleetSync({ url, bot, interval: '1s', paths: ['.'] }, client, scope);
  }, 60_000);

  afterAll(async () => {
    await Promise.all(services.map(async (service) => service.stop()));
    await worktree?.remove();
    scope.stop();
    await sandbox?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** The successor waits for as long as the holder's Lease lasts; one that no successor is awaited of may last. */
  async function start(name: string, leaseDuration: string): Promise<ServiceProcess> {
    const folder = join(dir, name);
    await mkdir(folder);
    const args = ['--lease=default/leader', `--lease-duration=${leaseDuration}`];
    const wish = { dir: folder, kubeconfig: sandbox.kubeconfig, args };
    const service = await startServiceProcess(wish);
    services.push(service);
    return service;
  }

  const soon = <T>(look: () => Promise<T> | T) =>
    expect.poll(look, { timeout: 60_000, interval: 50 });

  /** Of its page for readiness; 0 when nobody answers. */
  const readiness = async ({ url }: ServiceProcess): Promise<number> =>
    fetch(`${url}/readyz`).then(
      ({ status }) => status,
      () => 0,
    );

  const isAlive = async (service: ServiceProcess): Promise<boolean> =>
    service.assertRunning().then(
      () => true,
      () => false,
    );

  async function push(parameters: Readonly<Record<string, string>>): Promise<string> {
    const edits = [{ file: 'orders.yaml', to: instanceFile('orders', parameters) }];
    const commit = await worktree.commit('A change', 'Ada Byron', edits);
    await worktree.git('push', '--quiet', 'origin', 'HEAD');
    return commit;
  }

  async function said(commit: string): Promise<readonly string[]> {
    const { git, bot } = sandbox;
    const all = await keptStatuses({ url: git.url, token: bot.token }, 'shop/fleet', commit);
    return all
      .filter(({ context }) => context === FLEET_CONTEXT)
      .map(({ status, description }) => `${status}: ${description}`);
  }

  const lastSaid = async (commit: string): Promise<string> => (await said(commit)).at(-1) ?? '';

  test(
    'one works, the other stands by; killed in the middle of a plan it is followed by the other',
    { timeout: 180_000 },
    async () => {
      const first = await start('first', '9s');
      await soon(() => readiness(first)).toBe(200);
      const second = await start('second', '24s');
      await soon(() => readiness(second)).toBe(503);
      const deployed = await worktree.git('rev-parse', 'HEAD');
      await soon(() => lastSaid(deployed)).toMatch(/^success/);

      const hanging = await push({ OUTCOME: 'fail' });
      await soon(() => runs.of(ORDERS).map(({ plan }) => plan)).toEqual(['deploy', 'serve']);
      await soon(() => lastSaid(hanging)).toMatch(/^pending: orders: serve/);
      expect(await readiness(second)).toBe(503);
      await first.kill();
      await soon(() => readiness(second)).toBe(200);

      const cured = await push({ OUTCOME: 'good' });
      await soon(() => lastSaid(cured)).toMatch(/^success/);
      await soon(() => lastSaid(hanging)).toMatch(/^success: superseded/);
      expect(runs.of(ORDERS).map(({ plan }) => plan)).toEqual(['deploy', 'serve', 'serve']);
      for (const commit of [deployed, hanging, cured]) {
        // oxlint-disable-next-line no-await-in-loop -- three requests
        const all = await said(commit);
        expect(all.filter((text, at) => text === all[at - 1])).toEqual([]);
      }
    },
  );

  test(
    'who loses the Lease in the middle of a plan ends by itself, and another one goes on',
    { timeout: 180_000 },
    async () => {
      const [, second] = services;
      if (!second) throw new Error('there is no second service');
      const before = runs.of(ORDERS).length;
      const commit = await push({ OUTCOME: 'fail' });
      await soon(() => runs.of(ORDERS).length).toBe(before + 1);
      const body = { spec: { holderIdentity: 'somebody', leaseDurationSeconds: 2 } };
      await sandbox.client.patch<KubeObject>(LEASE, { type: 'merge', body }, scope);
      await soon(() => isAlive(second)).toBe(false);

      const third = await start('third', '60s');
      await soon(() => readiness(third)).toBe(200);
      const cured = await push({ OUTCOME: 'good' });
      await soon(async () => {
        await third.assertRunning();
        return lastSaid(cured);
      }).toMatch(/^success/);
      expect(runs.of(ORDERS)).toHaveLength(before + 2);
      await soon(() => lastSaid(commit)).toMatch(/^success: superseded/);
    },
  );
});
