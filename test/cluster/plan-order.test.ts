import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CONFIG_MAPS,
  INSTANCES,
  pathOf,
  PLAN_RUNS,
  PLAN_SCHEDULES,
  SYNCS,
} from '../../src/cluster/resources.ts';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import { openForge, type OpenForge } from '../../src/forge/forge-registry.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import type { PlanRun } from '../../src/model/plan-run.ts';
import { commandLine } from '../fakes/command-line.ts';
import { createFleetSync, FLEET, FLEET_CONTEXT } from '../fakes/fleet-sync.ts';
import { liveScope } from '../fakes/scope.ts';
import {
  serviceReady,
  startServiceProcess,
  type ServiceProcess,
} from '../fakes/service-process.ts';
import { TIDY } from '../fakes/tidy-operator.ts';
import { annotatedFile, instanceFile, operatorFile, TINY } from '../fakes/tiny-operator.ts';
import { startStoryCluster, type StoryCluster } from './story-cluster.ts';
import { OUTCOME_ANNOTATION } from './workloads.ts';

/** Plan `serve` hangs with OUTCOME `hang`. */
const OPERATOR = operatorFile(TINY).replaceAll(
  'sandbox.kudo-gitops.dev/outcome',
  OUTCOME_ANNOTATION,
);
const FILES = {
  'operators/tidy.yaml': operatorFile(TIDY),
  'operators/tiny.yaml': OPERATOR,
  'shop/kafka.yaml': annotatedFile('kafka', { 'depends-on': 'zookeeper' }),
  'shop/orders.yaml': instanceFile('orders'),
  'shop/zookeeper.yaml': instanceFile('zookeeper'),
};

/** Why: order, failures and the ways out of them rest on what KUDO's own manager does, step by step. */
describe('the order of plans, and what people do about plans that fail or hang, with KUDO', () => {
  const scope = liveScope();
  let world: StoryCluster;
  let service: ServiceProcess;
  let forge: OpenForge;
  let worktree: GitWorktree;

  beforeAll(async () => {
    world = await startStoryCluster(FILES);
    const { cluster, gitea, repository, client } = world;
    cluster.onStop(async () => service?.stop());
    service = await startServiceProcess({ dir: cluster.dir, kubeconfig: world.serviceKubeconfig });
    await serviceReady(service);
    const bot = { login: gitea.user, token: gitea.token };
    await createFleetSync({ url: repository.cloneUrl, bot, interval: '1s' }, client, scope);
    const credentials = { kind: 'token', token: gitea.token } as const;
    forge = openForge({ type: 'gitea', url: repository.cloneUrl, credentials });
    worktree = await cloneRepository(repository.pushUrl, { ...process.env }, scope);
  });

  afterAll(async () => {
    forge?.close();
    await worktree?.remove();
    scope.stop();
    await world?.cluster.stop();
  });

  async function push(files: Readonly<Record<string, string>>): Promise<string> {
    const edits = Object.entries(files).map(([file, to]) => ({ file: `shop/${file}.yaml`, to }));
    const commit = await worktree.commit('A change', 'Ada Byron', edits);
    await worktree.git('push', '--quiet', 'origin', 'HEAD');
    return commit;
  }

  async function status(commit: string): Promise<string> {
    const newest = await forge.newestStatus(commit, FLEET_CONTEXT, scope);
    return newest ? `${newest.state}: ${newest.description}` : 'none';
  }

  const soon = (look: () => Promise<string>) =>
    expect.poll(look, { timeout: 60_000, interval: 200 });

  const instance = (name: string): Promise<Instance> =>
    world.client.get<Instance>(pathOf(INSTANCES, `${FLEET.namespace}/${name}`), scope);

  const kudoGitops = async (...args: string[]): Promise<string> => {
    const { out, err } = await commandLine(world.cluster.kubeconfig)(...args, '-n', 'shop');
    return out + err;
  };

  const setSync = async (spec: object): Promise<void> => {
    const path = pathOf(SYNCS, `${FLEET.namespace}/${FLEET.sync}`);
    await world.client.patch(path, { type: 'merge', body: { spec } }, scope);
  };

  it('creates an Instance after the plan of the one that it depends on', async () => {
    const first = await worktree.git('rev-parse', 'HEAD');
    await soon(() => status(first)).toBe('success: 3 changes');
    const created = (one: Instance): string => one.metadata.creationTimestamp ?? '';
    const ended = (await instance('zookeeper')).status?.planStatus?.['deploy'];
    expect(ended?.status).toBe('COMPLETE');
    expect(created(await instance('kafka')) >= (ended?.lastUpdatedTimestamp ?? '~')).toBe(true);
  });

  it('holds what depends on a plan that failed, until plan retry', async () => {
    const metadata = { name: 'zookeeper-flag', annotations: { made: 'by hand' } };
    const path = { ...CONFIG_MAPS, namespace: FLEET.namespace };
    const byHand = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    await world.client.create(path, byHand, {}, scope);
    const bad = await push({
      kafka: annotatedFile('kafka', { 'depends-on': 'zookeeper' }, { SIZE: '2' }),
      orders: instanceFile('orders', { SIZE: '2' }),
      zookeeper: instanceFile('zookeeper', { COLOUR: 'red' }),
    });
    await soon(() => status(bad)).toMatch(
      /^failure: 1 of 3 changes failed, 1 held: zookeeper: FATAL_ERROR in update/,
    );
    expect((await instance('kafka')).spec?.parameters ?? {}).toEqual({});
    expect((await instance('orders')).spec?.parameters).toEqual({ SIZE: '2' });

    await world.client.delete({ ...path, name: 'zookeeper-flag' }, {}, scope);
    expect(await kudoGitops('plan', 'retry', 'zookeeper')).toBe(
      'shop/zookeeper: plan update is to run again\n',
    );
    await soon(() => status(bad)).toMatch(/^success: 2 changes/);
    expect((await instance('kafka')).spec?.parameters).toEqual({ SIZE: '2' });
  });

  it('reports a plan without end, leaves it running, and lets a commit cure it', async () => {
    await setSync({ planTimeout: '3s' });
    const bad = await push({ orders: instanceFile('orders', { OUTCOME: 'hang', SIZE: '2' }) });
    await soon(() => status(bad)).toMatch(
      /^failure: orders: plan serve has not ended after 3s; it is left running/,
    );
    const hanging = (await instance('orders')).spec?.planExecution;
    expect(hanging?.planName).toBe('serve');
    await setSync({ planTimeout: '2h' });
    const good = await push({ orders: instanceFile('orders', { OUTCOME: 'good', SIZE: '2' }) });
    await soon(() => status(good)).toMatch(/^success: 1 change/);
    expect((await instance('orders')).status?.planStatus?.['serve']?.uid).not.toBe(hanging?.uid);
  });

  it('gives up a plan that hangs, after which the Instance takes a change with another trigger', async () => {
    const bad = await push({ orders: instanceFile('orders', { OUTCOME: 'hang', SIZE: '2' }) });
    await soon(() => status(bad)).toMatch(/^pending: orders: serve/);
    const blocked = await push({ orders: instanceFile('orders', { OUTCOME: 'hang', SIZE: '3' }) });
    await soon(() => status(blocked)).toMatch(/pending/);
    expect(await kudoGitops('plan', 'abandon', 'orders')).toMatch(
      /^shop\/orders: plan serve \(.*\) is given up\n$/,
    );
    // What the plan was to do is not done, although the commit's own change is.
    await soon(() => status(blocked)).toMatch(/^failure: .*plan serve was given up by /);
    const { spec, status: now } = await instance('orders');
    expect(spec?.parameters).toEqual({ OUTCOME: 'hang', SIZE: '3' });
    expect(now?.planStatus?.['resize']?.status).toBe('COMPLETE');
    const good = await push({ orders: instanceFile('orders', { OUTCOME: 'good', SIZE: '3' }) });
    await soon(() => status(good)).toMatch(/^success: 1 change/);
  });

  it('runs a plan that a person asks for, and lists it among those that ran', async () => {
    const name = ['--name', 'by-hand'];
    const out = await kudoGitops('plan', 'run', 'zookeeper', 'resize', '--wait', ...name);
    expect(out).toMatch(/✔ plan resize succeeded .*\([0-9a-f-]{36}\)\n$/);
    const uid = (await instance('zookeeper')).status?.planStatus?.['resize']?.uid;
    expect(out).toContain(String(uid));
    const history = JSON.parse(
      await kudoGitops('plan', 'history', 'zookeeper', '-o', 'json'),
    ) as object[];
    expect(history[0]).toMatchObject({ plan: 'resize', planRun: 'by-hand', uid });
    expect(history.at(-1)).toMatchObject({ plan: 'deploy', outcome: 'succeeded' });
  });

  it('runs a plan that failed again by itself, where the Sync says so', async () => {
    await setSync({ retry: { limit: 10, backoff: '1s' } });
    const metadata = { name: 'orders-flag', annotations: { made: 'by hand' } };
    const path = { ...CONFIG_MAPS, namespace: FLEET.namespace };
    await world.client.create(path, { apiVersion: 'v1', kind: 'ConfigMap', metadata }, {}, scope);
    const wanted = { COLOUR: 'red', OUTCOME: 'good', SIZE: '3' };
    const commit = await push({ orders: instanceFile('orders', wanted) });
    await soon(() => status(commit)).toMatch(/^failure: orders: FATAL_ERROR in update/);
    const failed = (await instance('orders')).status?.planStatus?.['update']?.uid;
    await world.client.delete({ ...path, name: 'orders-flag' }, {}, scope);
    await soon(() => status(commit)).toMatch(/^success: 1 change/);
    const update = (await instance('orders')).status?.planStatus?.['update'];
    expect(update?.status).toBe('COMPLETE');
    expect(update?.uid).not.toBe(failed);
    await setSync({ retry: null });
  });

  it('makes up for the last run that a schedule missed, and for no other', async () => {
    const schedule = `apiVersion: gitops.kudo.dev/v1alpha1
kind: PlanSchedule
metadata: { name: yearly }
spec: { instance: zookeeper, plan: resize, schedule: '0 0 1 1 *' }
`;
    const commit = await push({ yearly: schedule });
    await soon(() => status(commit)).toBe('success: PlanSchedule shop/yearly was created');
    const path = { ...pathOf(PLAN_SCHEDULES, 'shop/yearly'), subresource: 'status' };
    const body = { status: { lastScheduleTime: '2020-06-01T00:00:00Z' } };
    await world.client.patch(path, { type: 'merge', body }, scope);
    const runs = async (): Promise<readonly PlanRun[]> => {
      const { items } = await world.client.list<PlanRun>(PLAN_RUNS, {}, scope);
      return items.filter(({ metadata }) => metadata.name.startsWith('yearly-'));
    };
    await soon(async () => String((await runs())[0]?.status?.state)).toBe('succeeded');
    const [run, ...others] = await runs();
    expect(others).toEqual([]);
    expect(run?.metadata.name).toMatch(/^yearly-20[0-9]{2}0101t0000z$/);
    const resize = (await instance('zookeeper')).status?.planStatus?.['resize'];
    expect(resize).toMatchObject({ status: 'COMPLETE', uid: run?.status?.planUid });

    await worktree.git('rm', '--quiet', 'shop/yearly.yaml');
    await worktree.git('commit', '--quiet', '-m', 'No yearly run');
    await worktree.git('push', '--quiet', 'origin', 'HEAD');
    const gone = await worktree.git('rev-parse', 'HEAD');
    await soon(() => status(gone)).toMatch(
      /^success: .*shop\/yearly was removed from Git: suspended/,
    );
  });

  it('runs a cleanup that failed again when a person asks, and the delete goes on', async () => {
    await setSync({ prune: true });
    const added = await push({ vault: instanceFile('vault', {}, 'tidy-1.0.0') });
    await soon(() => status(added)).toMatch(/^success: 1 change/);
    const metadata = { name: 'vault-cleaned', annotations: { made: 'by hand' } };
    const path = { ...CONFIG_MAPS, namespace: FLEET.namespace };
    const byHand = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    await world.client.create(path, byHand, {}, scope);
    await worktree.git('rm', '--quiet', 'shop/vault.yaml');
    await worktree.git('commit', '--quiet', '-m', 'No vault');
    await worktree.git('push', '--quiet', 'origin', 'HEAD');
    const gone = await worktree.git('rev-parse', 'HEAD');
    await soon(() => status(gone)).toMatch(/^failure: vault: FATAL_ERROR in cleanup\.main\.mark/);
    const failed = (await instance('vault')).status?.planStatus?.['cleanup']?.uid;

    // KUDO runs it once more, and it fails once more.
    const retried = 'shop/vault: plan cleanup is to run again\n';
    expect(await kudoGitops('plan', 'retry', 'vault')).toBe(retried);
    const uid = async (): Promise<string> => {
      const cleanup = (await instance('vault')).status?.planStatus?.['cleanup'];
      return `${String(cleanup?.status)} ${String(cleanup?.uid !== failed)}`;
    };
    await soon(uid).toBe('FATAL_ERROR true');

    await world.client.delete({ ...path, name: 'vault-cleaned' }, {}, scope);
    // Until the service has seen that it failed again, there is nothing to retry.
    await soon(() => kudoGitops('plan', 'retry', 'vault')).toBe(retried);
    await soon(() => status(gone)).toMatch(/^success: 1 change: vault delete/);
    await expect(instance('vault')).rejects.toThrow(/not found/);
  });
});
