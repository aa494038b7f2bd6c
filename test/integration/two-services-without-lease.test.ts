import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ObjectCache } from '../../src/cluster/object-cache.ts';
import { ROLLOUTS } from '../../src/cluster/resources.ts';
import { cloneRepository, type GitWorktree } from '../../src/commands/git-worktree.ts';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import { startFleetSandbox } from '../fakes/fleet-sandbox.ts';
import { numberedChanges } from '../fakes/fleet-standing.ts';
import { createFleetSync, FLEET_CONTEXT } from '../fakes/fleet-sync.ts';
import { keptStatuses } from '../fakes/forge-statuses.ts';
import { PlanRuns } from '../fakes/plan-runs.ts';
import { liveScope } from '../fakes/scope.ts';
import {
  serviceReady,
  startServiceProcess,
  type ServiceProcess,
} from '../fakes/service-process.ts';
import { instanceFile, tinyFiles } from '../fakes/tiny-operator.ts';

type Values = Readonly<Record<string, string>>;
const ROUNDS = Number(process.env['TWO_SERVICES_ROUNDS'] ?? 1);
const NAMES = ['orders', 'mail', 'stock'] as const;

/** Why: a Lease can be forgotten, or a cut network can let two believe that they hold it. */
describe('two services that both work on one cluster, by mistake', () => {
  const scope = liveScope();
  const wanted: Record<string, Values> = { orders: {}, mail: {}, stock: {} };
  const commits: string[] = [];
  /** Phases that each Rollout was seen in, by its name. */
  const phases = new Map<string, string[]>();
  let dir: string;
  let sandbox: Sandbox;
  let worktree: GitWorktree;
  let runs: PlanRuns;
  let rollouts: ObjectCache<Rollout>;
  const services: ServiceProcess[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-two-'));
    const fleet = await startFleetSandbox(tinyFiles(wanted), scope);
    const { cloneUrl: url, pushUrl } = fleet.repository;
    ({ sandbox } = fleet);
    const { client, bot } = sandbox;
    worktree = await cloneRepository(pushUrl, { ...process.env }, scope);
    commits.push(await worktree.git('rev-parse', 'HEAD'));
    runs = await PlanRuns.watch(client, scope);
    rollouts = new ObjectCache<Rollout>({ client, path: ROLLOUTS });
    rollouts.onChange((key, rollout) => {
      const phase = rollout?.status?.phase ?? 'new';
      const seen = phases.get(key) ?? [];
      if (seen.at(-1) !== phase) phases.set(key, [...seen, phase]);
    });
    rollouts.start(scope);
    await createFleetSync({ url, bot, interval: '1s', paths: ['.'] }, client, scope);
    await Promise.all(
      ['first', 'second'].map(async (name) => {
        const folder = join(dir, name);
        await mkdir(folder);
        services.push(await startServiceProcess({ dir: folder, kubeconfig: sandbox.kubeconfig }));
      }),
    );
    await Promise.all(services.map(serviceReady));
  }, 60_000);

  afterAll(async () => {
    await Promise.all(services.map(async (service) => service.stop()));
    await worktree?.remove();
    scope.stop();
    await sandbox?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const soon = <T>(look: () => Promise<T> | T) =>
    expect.poll(look, { timeout: 60_000, interval: 50 });

  async function push(changes: Readonly<Record<string, Values>>): Promise<string> {
    Object.assign(wanted, changes);
    const edits = Object.entries(changes).map(([name, values]) => ({
      file: `${name}.yaml`,
      to: instanceFile(name, values),
    }));
    const commit = await worktree.commit('A change', 'Ada Byron', edits);
    await worktree.git('push', '--quiet', 'origin', 'HEAD');
    commits.push(commit);
    return commit;
  }

  async function lastSaid(commit: string): Promise<string> {
    const { git, bot } = sandbox;
    const all = await keptStatuses({ url: git.url, token: bot.token }, 'shop/fleet', commit);
    const last = all.findLast(({ context }) => context === FLEET_CONTEXT);
    return last ? `${last.status}: ${last.description}` : '';
  }

  /** What each Instance has and Git does not say, or the other way round; or that a plan runs. */
  const differences = (): readonly string[] =>
    NAMES.flatMap((name) => {
      const live = runs.instances.find(({ metadata }) => metadata.name === name);
      const isSame = sorted(live?.spec?.parameters) === sorted(wanted[name]);
      const isIdle = !live?.spec?.planExecution?.planName;
      return live && isSame && isIdle ? [] : [`${name}: ${JSON.stringify(live?.spec)}`];
    });

  test(
    'the cluster comes to what Git says, each plan runs once, and every commit has one verdict',
    { timeout: (ROUNDS + 1) * 120_000 },
    async () => {
      await soon(() => lastSaid(commits[0] ?? '')).toMatch(/^success/);
      for (let round = 1; round <= ROUNDS; round++) {
        const COLOUR = `red-${String(round)}`;
        await push({ orders: { ...wanted['orders'], COLOUR } });
        const grown = await push({ mail: { SIZE: String(round + 1) } });
        await soon(() => lastSaid(grown)).toMatch(/^success/);
        const bad = await push({ orders: { COLOUR, FLAG: 'maybe' }, stock: { COLOUR } });
        await soon(() => lastSaid(bad)).toMatch(/^failure: .*orders: FATAL_ERROR in update/);
        const cured = await push({ orders: { COLOUR, FLAG: 'false' } });
        await soon(() => lastSaid(cured)).toMatch(/^success/);
      }
      await soon(differences).toEqual([]);
      await soon(() => rollouts.list().filter(isOpen)).toEqual([]);

      const times = <T>(...some: readonly T[]): readonly T[] =>
        Array.from({ length: ROUNDS }, () => some).flat();
      const ran = NAMES.map((name) => runs.of(`shop/${name}`).map(({ plan }) => plan));
      expect(ran).toEqual([
        ['deploy', ...times('update', 'update', 'update')],
        ['deploy', ...times('resize')],
        ['deploy', ...times('update')],
      ]);
      expect([...phases.values()].filter(isAfterVerdict)).toEqual([]);
      expect(corrupted()).toEqual([]);
      const said = await Promise.all(commits.map(lastSaid));
      const state = expect.stringMatching(/^success/) as unknown;
      const failure = expect.stringMatching(/^failure/) as unknown;
      expect(said).toEqual([state, ...times(state, state, failure, state)]);
    },
  );

  /** Rollouts that share their place, or whose records tell of a plan that nobody ran, or of one twice. */
  function corrupted(): readonly string[] {
    const all = rollouts.list();
    const places = all.map(({ spec }) => `sequence ${String(spec.sequence)}`);
    const told = all.flatMap((rollout) => NAMES.flatMap((name) => toldPlans(rollout, name)));
    const known = new Set(
      NAMES.flatMap((name) => runs.of(`shop/${name}`).map(({ uid }) => `${name} ${uid}`)),
    );
    const twice = [...places, ...told].filter((one, at, list) => list.indexOf(one) !== at);
    const unknown = told.filter((one) => !known.has(one.slice(one.indexOf(': ') + 2)));
    return [...twice, ...unknown];
  }
});

/** `<Rollout>: <Instance> <uid>` of the plans that a Rollout tells of. */
function toldPlans(rollout: Rollout, name: string): readonly string[] {
  return numberedChanges(rollout, `shop/${name}`)
    .filter(({ record: { state } }) => state !== 'moved' && state !== 'restarted')
    .map(({ record }) => `${rollout.metadata.name}: ${name} ${String(record.planUid)}`);
}

/** Whether a Rollout went on after it had come to its verdict. */
const isAfterVerdict = (seen: readonly string[]): boolean =>
  seen.slice(0, -1).some((phase) => VERDICTS.has(phase));

const VERDICTS = new Set(['succeeded', 'failed', 'superseded']);

const isOpen = ({ status }: Rollout): boolean =>
  !VERDICTS.has(status?.phase ?? 'new') || (status?.outbox ?? []).some(({ sent }) => !sent);

const sorted = (values: Values | undefined): string =>
  JSON.stringify(Object.entries(values ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
