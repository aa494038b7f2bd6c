import { afterAll, beforeAll, expect, it } from 'vitest';
import { INSTANCES, OPERATOR_VERSIONS, pathOf, SYNCS } from '../../src/cluster/resources.ts';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import type { Instance, OperatorVersion } from '../../src/kudo/objects.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { ANNOTATION } from '../../src/model/names.ts';
import { createFleetSync, FLEET, FLEET_CONTEXT } from '../fakes/fleet-sync.ts';
import { PlanRuns } from '../fakes/plan-runs.ts';
import { liveScope } from '../fakes/scope.ts';
import {
  serviceReady,
  startServiceProcess,
  type ServiceProcess,
} from '../fakes/service-process.ts';
import { instanceFile, operatorFile, TINY } from '../fakes/tiny-operator.ts';
import { statuses } from './gitea-api.ts';
import { waitFor } from './processes.ts';
import { startStoryCluster, type StoryCluster } from './story-cluster.ts';

const scope = liveScope();
let world: StoryCluster;
let service: ServiceProcess;
let worktree: GitWorktree;
let runs: PlanRuns;

/** The operator with a plan for upgrades; its ConfigMap says `size: small`. */
const plans = { ...TINY.spec?.plans, upgrade: TINY.spec?.plans?.['deploy'] ?? null };
const config = `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Name }}-config" }
data: { size: small }
`;
const templates = { ...TINY.spec?.templates, 'config.yaml': config };
const OPERATOR = operatorFile({ ...TINY, spec: { ...TINY.spec, plans, templates } });

beforeAll(async () => {
  const files = { 'operators/tiny.yaml': OPERATOR, 'shop/orders.yaml': instanceFile('orders') };
  world = await startStoryCluster(files, { workloads: false });
  const { cluster, gitea, repository, client } = world;
  cluster.onStop(async () => service?.stop());
  service = await startServiceProcess({
    dir: cluster.dir,
    kubeconfig: world.serviceKubeconfig,
  });
  await serviceReady(service);
  runs = await PlanRuns.watch(client, scope);
  const bot = { login: gitea.user, token: gitea.token };
  await createFleetSync({ url: repository.cloneUrl, bot, interval: '1s' }, client, scope);
  const sync = { ...SYNCS, namespace: FLEET.namespace, name: FLEET.sync };
  const body = { spec: { replaceOperatorVersions: true } };
  await client.patch(sync, { type: 'merge', body }, scope);
  worktree = await cloneRepository(repository.pushUrl, { ...process.env }, scope);
});

afterAll(async () => {
  await worktree?.remove();
  scope.stop();
  await world?.cluster.stop();
});

it('replaced content is rolled out by the upgrade plan that KUDO runs for the new uid', async () => {
  const { client } = world;
  const isDeployed = async (): Promise<boolean> =>
    runs.of('shop/orders').some(({ status }) => status === 'COMPLETE');
  await waitFor('the Instance to be deployed', isDeployed, { process: service });
  expect(await sizeOf('orders')).toBe('small');

  const edit = { file: 'operators/tiny.yaml', from: 'size: small', to: 'size: large' };
  const commit = await worktree.commit('tiny: larger', 'Ada Byron', [edit]);
  await worktree.git('push', '--quiet', 'origin', 'HEAD');
  await waitFor('the verdict', async () => (await verdictOf(commit)) !== 'pending', {
    process: service,
  });
  expect(await verdictOf(commit)).toBe('success');

  expect(runs.of('shop/orders').map(({ plan, status }) => `${plan} ${status ?? ''}`)).toEqual([
    'deploy COMPLETE',
    'upgrade COMPLETE',
  ]);
  expect(await sizeOf('orders')).toBe('large');
  const version = await client.get<OperatorVersion>(
    pathOf(OPERATOR_VERSIONS, 'shop/tiny-1.0.0'),
    scope,
  );
  const hash = version.metadata.annotations?.[ANNOTATION.contentHash];
  expect(version.metadata.annotations?.[ANNOTATION.replaced]).toMatch(/^[0-9a-f]{64}$/);
  const orders = await client.get<Instance>(pathOf(INSTANCES, 'shop/orders'), scope);
  expect(orders.spec?.operatorVersion).toEqual({ name: 'tiny-1.0.0', uid: hash });
});

async function verdictOf(commit: string): Promise<string> {
  const all = await statuses(world.gitea, world.repository, commit);
  return all.filter(({ context }) => context === FLEET_CONTEXT).at(-1)?.state ?? 'pending';
}

async function sizeOf(instance: string): Promise<string | undefined> {
  const configMaps = { group: '', version: 'v1', plural: 'configmaps' };
  const path = { ...configMaps, namespace: FLEET.namespace, name: `${instance}-config` };
  const map = await world.client.get<KubeObject & { data?: { size?: string } }>(path, scope);
  return map.data?.size;
}
