import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectCache } from '../../src/cluster/object-cache.ts';
import { EVENTS, INSTANCES, LEASES, pathOf, ROLLOUTS, SYNCS } from '../../src/cluster/resources.ts';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import { openForge, type OpenForge } from '../../src/forge/forge-registry.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { ANNOTATION } from '../../src/model/names.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { ChangeRecord, Rollout } from '../../src/model/rollout.ts';
import type { Sync } from '../../src/model/sync.ts';
import { createFleetSync, FLEET, FLEET_CONTEXT } from '../fakes/fleet-sync.ts';
import { liveScope } from '../fakes/scope.ts';
import {
  serviceReady,
  startServiceProcess,
  type ServiceProcess,
} from '../fakes/service-process.ts';
import { annotatedFile, instanceFile } from '../fakes/tiny-operator.ts';
import { DELETES_FILES } from './deletes-files.ts';
import { startStoryCluster, type StoryCluster } from './story-cluster.ts';

/** Why: what a deletion, a foreign value or another owner leads to is KUDO's doing as much as ours. */
describe('deletes, drift and other owners, with KUDO', () => {
  const scope = liveScope();
  let world: StoryCluster;
  let service: ServiceProcess;
  let forge: OpenForge;
  let worktree: GitWorktree;
  let instances: ObjectCache<Instance>;

  beforeAll(async () => {
    world = await startStoryCluster(DELETES_FILES);
    const { cluster, gitea, repository, client } = world;
    cluster.onStop(async () => service?.stop());
    const args = ['--lease=kudo-gitops/kudo-gitops'];
    const wish = { dir: cluster.dir, kubeconfig: world.serviceKubeconfig, args };
    service = await startServiceProcess(wish);
    await serviceReady(service);
    const bot = { login: gitea.user, token: gitea.token };
    await createFleetSync({ url: repository.cloneUrl, bot, interval: '1s' }, client, scope);
    await setSync({ prune: true, pruneLimit: 50 });
    instances = new ObjectCache<Instance>({ client, path: INSTANCES });
    instances.start(scope);
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

  const head = (): Promise<string> => worktree.git('rev-parse', 'HEAD');

  /** Commits and pushes files of folder `shop`; null takes one away. */
  async function push(files: Readonly<Record<string, string | null>>): Promise<string> {
    const gone = Object.entries(files).flatMap(([file, text]) => (text === null ? [file] : []));
    for (const file of gone) {
      // oxlint-disable-next-line no-await-in-loop -- git works on one index
      await worktree.git('rm', '--quiet', pathIn(file));
    }
    const edits = Object.entries(files).flatMap(([file, to]) =>
      to === null ? [] : [{ file: pathIn(file), to }],
    );
    const commit = await worktree.commit('A change', 'Ada Byron', edits);
    await worktree.git('push', '--quiet', 'origin', 'HEAD');
    return commit;
  }

  const pathIn = (file: string): string =>
    file.includes('/') ? `${file}.yaml` : `shop/${file}.yaml`;

  async function status(commit: string): Promise<string> {
    const newest = await forge.newestStatus(commit, FLEET_CONTEXT, scope);
    return newest ? `${newest.state}: ${newest.description}` : 'none';
  }

  const soon = <T>(look: () => Promise<T> | T) =>
    expect.poll(look, { timeout: 90_000, interval: 100 });

  const live = (name: string): Instance | undefined => instances.get(`${FLEET.namespace}/${name}`);

  const setSync = async (spec: object, metadata: object = {}): Promise<void> => {
    const path = pathOf(SYNCS, `${FLEET.namespace}/${FLEET.sync}`);
    await world.client.patch(path, { type: 'merge', body: { metadata, spec } }, scope);
  };

  const setInstance = async (name: string, body: object): Promise<void> => {
    const path = pathOf(INSTANCES, `${FLEET.namespace}/${name}`);
    const patch = { type: 'merge', body, fieldManager: 'kubectl-edit' } as const;
    await world.client.patch(path, patch, scope);
  };

  async function rollouts(commit: string): Promise<readonly Rollout[]> {
    const { items } = await world.client.list<Rollout>(ROLLOUTS, {}, scope);
    return items
      .filter(({ spec }) => oidOf(spec.revision) === commit && spec.sync === FLEET.sync)
      .toSorted((a, b) => a.spec.attempt - b.spec.attempt);
  }

  async function change(commit: string, name: string): Promise<ChangeRecord | undefined> {
    const newest = (await rollouts(commit)).at(-1);
    return newest?.status?.changes?.[`${FLEET.namespace}/${name}/0`];
  }

  async function condition(sync: string, type: string): Promise<string> {
    const found = await world.client.get<Sync>(pathOf(SYNCS, `${FLEET.namespace}/${sync}`), scope);
    const one = found.status?.conditions?.find((known) => known.type === type);
    return one ? `${one.status} ${one.message}` : '';
  }

  /** Messages of Events with that reason. */
  async function told(reason: string): Promise<readonly string[]> {
    type Event = KubeObject & { message?: string; reason?: string };
    const path = { ...EVENTS, namespace: FLEET.namespace };
    const { items } = await world.client.list<Event>(path, {}, scope);
    return items.flatMap((one) => (one.reason === reason ? [one.message ?? ''] : []));
  }

  it('deletes what Git no longer has after its cleanup, which is followed by its uid', async () => {
    await soon(async () => status(await head())).toMatch(/^success: 6 changes/);
    let cleanup: string | undefined;
    const stop = instances.onChange((key, one) => {
      if (key.endsWith('/vault')) cleanup = one?.status?.planStatus?.['cleanup']?.uid ?? cleanup;
    });
    const commit = await push({ vault: null });
    await soon(() => status(commit)).toMatch(/^success: 1 change: vault delete/);
    stop();
    expect(live('vault')).toBeUndefined();
    expect(await change(commit, 'vault')).toMatchObject({ plan: 'cleanup', planUid: cleanup });
  });

  it('deletes what depends on others before them', async () => {
    const seen: string[] = [];
    const stop = instances.onChange((key, one) => {
      const name = key.slice(key.indexOf('/') + 1);
      if (!one) seen.push(`${name} gone`);
      else if (one.metadata.deletionTimestamp) seen.push(`${name} going`);
    });
    const commit = await push({ disk: null, kafka: null });
    await soon(() => status(commit)).toMatch(/^success: 2 changes/);
    stop();
    const order = seen.filter((text, at) => text !== seen[at - 1]);
    expect(order).toEqual(['kafka going', 'kafka gone', 'disk going', 'disk gone']);
  });

  it('tells of a cleanup that failed with its step, until the Instance is let go', async () => {
    const commit = await push({ stuck: null });
    await soon(() => status(commit)).toMatch(/^failure: stuck: FATAL_ERROR in cleanup\.main\.mark/);
    await setInstance('stuck', { metadata: { finalizers: null } });
    await soon(() => status(commit)).toMatch(/^success/);
    expect(live('stuck')).toBeUndefined();
  });

  it('lets go of what is never to be deleted, and runs no plan for it', async () => {
    const said = await push({ mail: annotatedFile('mail', { prune: 'disabled' }) });
    await soon(() => status(said)).toMatch(/^success: 1 change: mail annotate/);
    const runs = live('mail')?.status?.planStatus;
    const commit = await push({ mail: null });
    await soon(() => status(commit)).toMatch(/^success: 1 change: mail leave it/);
    await soon(() => Object.keys(live('mail')?.metadata.annotations ?? {})).not.toContain(
      ANNOTATION.owner,
    );
    expect(live('mail')?.status?.planStatus).toEqual(runs);
  });

  it('takes over what Git says the same of, and leaves alone what differs until told to overwrite', async () => {
    const differing = await push({ mail: instanceFile('mail', { COLOUR: 'green' }) });
    await soon(() => status(differing)).toMatch(
      /^failure: .*mail was not made by kudo-gitops and is left alone: Git differs in COLOUR/,
    );
    const same = await push({ mail: instanceFile('mail') });
    await soon(() => status(same)).toMatch(/^success: 1 change: mail adopt as it is/);
    const file = annotatedFile('mail', { prune: 'disabled', adopt: 'overwrite' });
    await push({ mail: null });
    await soon(() => live('mail')?.metadata.annotations?.[ANNOTATION.owner]).toBeUndefined();
    const commit = await push({
      mail: file.replace('parameters: {}', 'parameters: { SIZE: "4" }'),
    });
    await soon(() => status(commit)).toMatch(/^success: /);
    expect(live('mail')?.spec?.parameters).toEqual({ SIZE: '4' });
    expect(live('mail')?.status?.planStatus?.['resize']?.status).toBe('COMPLETE');
  });

  it('hands an Instance over to another Sync, which takes it over without a plan', async () => {
    const uid = live('mail')?.metadata.uid;
    const file = instanceFile('mail', { SIZE: '4' });
    await push({ 'second/mail': file });
    await world.client.create(
      { ...SYNCS, namespace: FLEET.namespace },
      {
        apiVersion: 'gitops.kudo.dev/v1alpha1',
        kind: 'Sync',
        metadata: { name: 'second', namespace: FLEET.namespace },
        spec: {
          url: world.repository.cloneUrl,
          interval: '1s',
          secretRef: { name: 'repository' },
          paths: ['operators', 'second'],
        },
      },
      {},
      scope,
    );
    await soon(() => condition('second', 'Ready')).toMatch(/^True/);
    const commit = await push({ mail: null });
    await soon(() => status(commit)).toMatch(/^success: 1 change: mail leave it/);
    const path = pathOf(SYNCS, `${FLEET.namespace}/second`);
    const second = await world.client.get<Sync>(path, scope);
    const owner = `${second.metadata.uid ?? ''}:shop/mail`;
    await soon(() => live('mail')?.metadata.annotations?.[ANNOTATION.owner]).toBe(owner);
    expect(live('mail')?.metadata.uid).toBe(uid);
  });

  it('sets back what others changed, and says who and when', async () => {
    await setInstance('orders', { spec: { parameters: { COLOUR: 'blue' } } });
    await soon(() => live('orders')?.spec?.parameters).toEqual({ COLOUR: 'red', SIZE: '2' });
    const by = /COLOUR blue → red \(drift, set by kubectl-edit at 20\d\d-[^ )]+Z\)/;
    const commit = await head();
    await soon(async () => (await change(commit, 'orders'))?.summary).toMatch(by);
    await soon(() => told('DriftCorrected')).toEqual([expect.stringMatching(by)]);
    await soon(() => status(commit)).toMatch(/^success/);
  });

  it('leaves alone what is to be reported, or ignored, until the policy is another', async () => {
    await setSync({ driftPolicy: 'report' });
    await setInstance('orders', { spec: { parameters: { COLOUR: 'blue' } } });
    await soon(() => condition(FLEET.sync, 'Drifted')).toMatch(
      /COLOUR blue → red \(set by kubectl-edit at .*\) differs from Git and is left alone/,
    );
    await setSync({ driftPolicy: 'ignore' });
    await soon(() => condition(FLEET.sync, 'Drifted')).toBe('');
    expect(live('orders')?.spec?.parameters).toEqual({ COLOUR: 'blue', SIZE: '2' });
    await setSync({ driftPolicy: 'correct' });
    await soon(() => live('orders')?.spec?.parameters).toEqual({ COLOUR: 'red', SIZE: '2' });
    await soon(async () => status(await head())).toMatch(/^success/);
  });

  it('fights with nobody: after three corrections of a value it is left to the other', async () => {
    await setSync({ interval: '10m' });
    await soon(async () => (await rollouts(await head())).at(-1)?.status?.phase).toBe('succeeded');
    let corrected = 0;
    const stop = instances.onChange((key, one) => {
      if (!key.endsWith('/orders')) return;
      const value = one?.spec?.parameters?.['COLOUR'];
      if (value === 'red' && last !== 'red') corrected += 1;
      last = value;
    });
    let last: string | undefined = 'red';
    const isFought = async (): Promise<boolean> =>
      /set back again and again/.test(await condition(FLEET.sync, 'Drifted'));
    for (let n = 1; n <= 6 && !(await isFought()); n++) {
      const before = corrected;
      await setInstance('orders', { spec: { parameters: { COLOUR: `colour-${String(n)}` } } });
      await soon(async () => corrected > before || (await isFought())).toBe(true);
    }
    stop();
    expect(await isFought()).toBe(true);
    expect(corrected).toBeLessThanOrEqual(3);
    expect(live('orders')?.spec?.parameters?.['COLOUR']).toMatch(/^colour-/);
  });

  it('did all of it as the holder of its Lease, and gives that away when it ends', async () => {
    const path = { ...LEASES, namespace: 'kudo-gitops', name: 'kudo-gitops' };
    type Lease = KubeObject & { spec?: { holderIdentity?: string; leaseTransitions?: number } };
    const read = (): Promise<Lease> => world.client.get<Lease>(path, scope);
    expect((await read()).spec).toMatchObject({ leaseTransitions: 0 });
    expect((await read()).spec?.holderIdentity).toMatch(/_/);
    await service.stop();
    expect((await read()).spec?.holderIdentity).toBeUndefined();
  });
});
