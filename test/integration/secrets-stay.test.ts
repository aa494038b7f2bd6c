import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLAN_RUNS, ROLLOUTS, SYNCS } from '../../src/cluster/resources.ts';
import { API_VERSION } from '../../src/model/names.ts';
import { webApp } from '../../src/web/start-web.ts';
import { commandLine } from '../fakes/command-line.ts';
import { keptStatuses } from '../fakes/forge-statuses.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { instanceFile, operatorFile, plan, TINY } from '../fakes/tiny-operator.ts';

/** Each is told apart from all others, so that a failing test says which way one came out. */
const SECRETS = {
  toggle: 'hunter22-toggle',
  template: 'hunter22-template',
  long: `hunter22-long-${'0123456789abcdef'.repeat(60)}`,
  field: 'hunter22-field',
  denied: 'hunter22-denied',
  child: 'hunter22-child',
  before: 'hunter22-before',
  after: 'hunter22-after',
  run: 'hunter22-run',
} as const;
const ANY = /hunter22/;

const QUOTES = `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Name }}-quotes" }
data: { fails: {{ if .Params.QUOTED }}{{ fail (printf "cannot use %s here" .Params.QUOTED) }}{{ end }} "" }
`;
const FIELD = `apiVersion: v1
kind: ConfigMap
metadata: { name: "_{{ .Params.FIELD }}" }
`;
/** Its parent does not know that it is one. */
const CHILD = `FLAG: "{{ if eq .Params.PASSED "on" }}${SECRETS.child}{{ else }}true{{ end }}"
`;

/** Fails with its parameters' values in the message, each plan in another way; all of them are secret. */
const LEAKY = {
  ...TINY,
  metadata: {
    name: 'leaky-1.0.0',
    annotations: { 'gitops.kudo.dev/secret-parameters': 'FLAG, QUOTED, FIELD, PASSWORD' },
  },
  spec: {
    ...TINY.spec,
    operator: { name: 'leaky', kind: 'Operator' },
    templates: {
      ...TINY.spec?.templates,
      'quotes.yaml': QUOTES,
      'field.yaml': FIELD,
      'child.yaml': CHILD,
    },
    tasks: [
      ...(TINY.spec?.tasks ?? []),
      { name: 'quotes', kind: 'Apply', spec: { resources: ['quotes.yaml'] } },
      { name: 'field', kind: 'Apply', spec: { resources: ['field.yaml'] } },
      {
        name: 'child',
        kind: 'KudoOperator',
        spec: { package: 'pupil', operatorVersion: '1.0.0', parameterFile: 'child.yaml' },
      },
    ],
    parameters: [
      ...(TINY.spec?.parameters ?? []),
      { name: 'QUOTED', default: '', trigger: 'quote' },
      { name: 'FIELD', default: '', trigger: 'field' },
      { name: 'PASSED', default: 'off', trigger: 'child' },
    ],
    plans: {
      ...TINY.spec?.plans,
      deploy: plan('config', 'flag'),
      quote: plan('quotes'),
      field: plan('field'),
      child: plan('child'),
    },
  },
};

const PUPIL = {
  ...TINY,
  metadata: { name: 'pupil-1.0.0', annotations: { 'gitops.kudo.dev/secret-parameters': 'FLAG' } },
  spec: {
    ...TINY.spec,
    operator: { name: 'pupil', kind: 'Operator' },
    plans: { ...TINY.spec?.plans, deploy: plan('config', 'flag') },
  },
};

let world: ServiceWorld;

beforeAll(async () => {
  world = await ServiceWorld.start();
});

afterAll(async () => {
  await world.stop();
});

function expectSoon<T>(look: () => Promise<T> | T) {
  return expect.poll(look, { timeout: 20_000, interval: 40 });
}

async function leaky(parameters: Readonly<Record<string, string>>): Promise<Fleet> {
  const fleet = await world.fleet({
    'operators/leaky.yaml': operatorFile(LEAKY),
    'operators/pupil.yaml': operatorFile(PUPIL),
    'orders.yaml': instanceFile('orders', parameters, 'leaky-1.0.0'),
  });
  await fleet.sync({ notes: true });
  return fleet;
}

/** All that anybody but the owner of the Instance gets to see, by where it stands. */
async function shown(fleet: Fleet, commit: string): Promise<Readonly<Record<string, string>>> {
  const { name } = fleet;
  const { git, bot, client, kubeconfig } = world.sandbox;
  const { caches } = world.running.context.view;
  const pages = webApp(
    {
      caches,
      lookNow: () => undefined,
      webhookSecret: () => Promise.resolve(undefined),
      queueDepth: () => 0,
    },
    world.scope,
  );
  const page = async (path: string): Promise<string> => (await pages.request(path)).text();
  const run = commandLine(kubeconfig);
  const said = async (...args: string[]): Promise<string> => {
    const { out, err } = await run(...args);
    return out + err;
  };
  const kept = async (resource: typeof ROLLOUTS): Promise<string> =>
    JSON.stringify(await client.list({ ...resource, namespace: name }, {}, world.scope));
  await fleet.git('fetch', '--quiet', 'origin', '+refs/notes/*:refs/notes/*');
  const rollouts = caches.rollouts.list().filter(({ metadata }) => metadata.namespace === name);
  const rolloutPages = rollouts.map(({ metadata }) => page(`/rollouts/${name}/${metadata.name}`));
  return {
    statuses: JSON.stringify(
      await keptStatuses({ url: git.url, token: bot.token }, `shop/${name}`, commit),
    ),
    syncs: await kept(SYNCS),
    rollouts: await kept(ROLLOUTS),
    planRuns: await kept(PLAN_RUNS),
    notes: await fleet.git('log', '--glob=refs/notes/*', '-p', '--format=%B'),
    pages: [await page('/'), ...(await Promise.all(rolloutPages))].join(''),
    metrics: await page('/metrics'),
    log: world.scope.lines.join(''),
    'get rollouts': await said('get', 'rollouts', '-n', name, '-o', 'yaml'),
    'get instances': await said('get', 'instances', '-n', name, '-o', 'yaml'),
    'get plans': await said('get', 'plans', '-n', name, '-o', 'yaml'),
    events: await said('events', '-n', name, '-o', 'yaml'),
    history: await said('history', 'orders', '-n', name),
  };
}

/** Where a secret value came out; nothing when all is well. */
async function leaks(fleet: Fleet, commit: string): Promise<readonly string[]> {
  const places = Object.entries(await shown(fleet, commit));
  return places.flatMap(([place, text]) => {
    const at = ANY.exec(text)?.index;
    // Git itself is where the value stands: only the notes of it are ours.
    return at === undefined ? [] : [`${place}: ${text.slice(Math.max(0, at - 200), at + 60)}`];
  });
}

async function failed(fleet: Fleet, commit: string, how: RegExp): Promise<void> {
  await expectSoon(() => fleet.status(commit)).toMatch(how);
  const hasEnded = (await fleet.status(commit)).startsWith('failure');
  if (hasEnded) await expectSoon(() => fleet.rollouts(commit).at(-1)?.status?.noted).toBe(true);
}

test.each([
  ['a Toggle task', { FLAG: SECRETS.toggle }, /^failure: orders: FATAL_ERROR in deploy.*\*\*\*/],
  ['a value too long to be told', { FLAG: SECRETS.long }, /^failure: .*FATAL_ERROR.*\*\*\*/],
  ['a value that KUDO would refuse', { PASSWORD: SECRETS.denied }, /^failure: .*secret, not shown/],
])('a secret value that %s quotes comes out nowhere', async (_why, parameters, how) => {
  const fleet = await leaky(parameters);
  const commit = await fleet.head();
  await failed(fleet, commit, how);
  expect(await leaks(fleet, commit)).toEqual([]);
  expect((await shown(fleet, commit))['notes']).toContain('orders');
  await fleet.leave();
});

test.each([
  ['a template', { QUOTED: SECRETS.template }, /^failure: .*cannot use \*\*\* here/],
  ['the API server', { FIELD: SECRETS.field }, /^(pending|failure): .*_\*\*\*/],
  ['a child', { PASSED: 'on' }, /^failure: .*FATAL_ERROR.*\*\*\*/],
])('a secret value that %s quotes when it changes comes out nowhere', async (_why, change, how) => {
  const fleet = await leaky({});
  await expectSoon(() => fleet.ready()).toMatch(/^True Succeeded/);
  const commit = await fleet.pushed({
    'orders.yaml': instanceFile('orders', change, 'leaky-1.0.0'),
  });
  await failed(fleet, commit, how);
  expect(await leaks(fleet, commit)).toEqual([]);
  await fleet.leave();
});

test('a secret value that a plan quoted comes out nowhere when another one has taken its place', async () => {
  const fleet = await leaky({ FLAG: SECRETS.toggle });
  await failed(fleet, await fleet.head(), /^failure: .*FATAL_ERROR in deploy.*\*\*\*/);
  // Kubernetes tells whole seconds: what was said and what is written are told apart from the next one on.
  const second = (): number => Math.floor(world.scope.clock.now() / 1_000);
  const before = second();
  await expectSoon(second).toBeGreaterThan(before);
  const commit = await fleet.pushed({
    'orders.yaml': instanceFile('orders', { FLAG: 'true' }, 'leaky-1.0.0'),
  });
  await expectSoon(() => fleet.status(commit)).toMatch(/^success/);
  await expectSoon(() => fleet.rollouts(commit).at(-1)?.status?.noted).toBe(true);
  expect(await leaks(fleet, commit)).toEqual([]);
  await fleet.leave();
});

test('a PlanRun whose plan quotes a secret value shows it nowhere', async () => {
  const fleet = await leaky({});
  await expectSoon(() => fleet.ready()).toMatch(/^True Succeeded/);
  const quoted = instanceFile('orders', { QUOTED: SECRETS.run }, 'leaky-1.0.0');
  const commit = await fleet.pushed({ 'orders.yaml': quoted });
  await expectSoon(() => fleet.status(commit)).toMatch(/^failure/);
  await fleet.create(PLAN_RUNS, {
    apiVersion: API_VERSION,
    kind: 'PlanRun',
    metadata: { name: 'again', namespace: fleet.name },
    spec: { instance: 'orders', plan: 'quote' },
  });
  const { planRuns } = world.running.context.view.caches;
  await expectSoon(() => planRuns.get(`${fleet.name}/again`)?.status?.message).toMatch(/\*\*\*/);
  expect(await leaks(fleet, commit)).toEqual([]);
  await fleet.leave();
});

test('a name that Git takes off the list of secret ones is secret until the cluster forgets it too', async () => {
  const named = (parameters: Record<string, string>): string =>
    instanceFile('orders', parameters, 'tiny-1.0.0').replace(
      '  name: orders\n',
      '  name: orders\n  annotations: { gitops.kudo.dev/secret-parameters: COLOUR }\n',
    );
  const fleet = await world.fleet({
    'operators/tiny.yaml': operatorFile(TINY),
    'orders.yaml': instanceFile('orders', { COLOUR: SECRETS.before }),
  });
  await fleet.sync({ notes: true });
  await expectSoon(() => fleet.ready()).toMatch(/^True Succeeded/);
  // From here on it is secret, also for those who see nothing but the cluster.
  await fleet.pushed({ 'orders.yaml': named({ COLOUR: SECRETS.before }) });
  await expectSoon(
    async () => (await fleet.instance('orders'))?.metadata.annotations,
  ).toMatchObject({ 'gitops.kudo.dev/secret-parameters': 'COLOUR' });
  await expectSoon(() => fleet.ready()).toMatch(/^True Succeeded/);
  const commit = await fleet.pushed({
    'orders.yaml': instanceFile('orders', { COLOUR: SECRETS.after }),
  });
  await expectSoon(() => fleet.status(commit)).toBe('success: 1 change: orders COLOUR (secret)');
  await expectSoon(() => fleet.rollouts(commit).at(-1)?.status?.noted).toBe(true);
  expect(await leaks(fleet, commit)).toEqual([]);
  await fleet.leave();
});
