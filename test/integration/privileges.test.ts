import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REQUIRED_RULES } from '../../src/cluster/required-rules.ts';
import { playDemo } from '../../src/commands/play-demo.ts';
import { readScenario } from '../../src/commands/scenario.ts';
import { startDemo, type Demo } from '../../src/commands/start-demo.ts';
import { testCommandContext } from '../fakes/command-context.ts';
import { refusedBy } from '../fakes/refused-by.ts';

const STORY = join(import.meta.dirname, '../../examples/scenarios/story.yaml');
const { context, stop } = testCommandContext();
let demo: Demo;
let requests: readonly { readonly method: string; readonly path: string }[] = [];

beforeAll(async () => {
  const scenario = await readScenario(STORY);
  demo = await startDemo(scenario.files, context);
  await playDemo(scenario, demo, context);
  // The service is the only one with this name: the sandbox's own client has another.
  requests = demo.sandbox.api.requests.filter(({ userAgent }) =>
    userAgent.startsWith('kudo-gitops/'),
  );
}, 120_000);
afterAll(async () => {
  await demo.stop();
  stop();
});

/** Why: a role with too little stops the service in production and in no test; the sandbox refuses nobody. */
it('the whole story needs no permission that the ClusterRole does not give', () => {
  expect(refusedBy(REQUIRED_RULES, requests)).toEqual([]);
});

it('and the story has asked for most of what it gives', () => {
  const withoutWrites = REQUIRED_RULES.map((rule) => ({
    ...rule,
    verbs: rule.verbs.filter((verb) => ['get', 'list', 'watch'].includes(verb)),
  }));
  const refused = refusedBy(withoutWrites, requests).map((one) => one.replace(/\/[^/]*$/, ''));
  expect([...new Set(refused)].toSorted()).toEqual([
    'create gitops.kudo.dev/rollouts',
    'create kudo.dev/instances',
    'create kudo.dev/operators',
    'create kudo.dev/operatorversions',
    'patch gitops.kudo.dev/rollouts/status',
    'patch gitops.kudo.dev/syncs/status',
    'patch kudo.dev/instances',
  ]);
});
