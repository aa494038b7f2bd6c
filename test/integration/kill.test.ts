import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readScenario, type Scenario } from '../../src/commands/scenario.ts';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import { startFleetSandbox } from '../fakes/fleet-sandbox.ts';
import { killShare, seededFates } from '../fakes/kill-proxy.ts';
import {
  complaintsAbout,
  playKilledStory,
  repeated,
  wantedPlans,
  withoutVerdict,
  type KilledStory,
} from '../fakes/kill-story.ts';
import { liveScope } from '../fakes/scope.ts';

const STORY = fileURLToPath(new URL('../../examples/scenarios/story.yaml', import.meta.url));
const SEED = Number(process.env['KILL_SEED'] ?? 1);
/** 20 or 60: after each of them the service has to be started again. */
const POINTS = Number(process.env['KILL_POINTS'] ?? 60);
/** Points where something could be done twice or be forgotten. */
const HEART = [
  'POST instances',
  'PATCH instances',
  'PATCH rollouts/status',
  'POST forge statuses/*',
].flatMap((label) => [`before ${label}`, `after ${label}`]);

/**
 * Why: a service that forgets what it was doing runs a backup twice or leaves a commit without an
 * answer. It is killed before and after its requests, as a seed says, and started again each time.
 */
describe(`the story with the service killed again and again (seed ${String(SEED)})`, () => {
  const scope = liveScope();
  let scenario: Scenario;
  let sandbox: Sandbox;
  let dir: string;
  let story: KilledStory;

  beforeAll(async () => {
    scenario = await readScenario(STORY);
    dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-kill-'));
    const fleet = await startFleetSandbox(scenario.files, scope);
    ({ sandbox } = fleet);
    const { kubeconfig, forge, repository } = fleet;
    const { client } = sandbox;
    const stage = { dir, client, kubeconfig, forge, repository };
    const part = POINTS > 20 ? 1 : 1 / 8;
    const fates = seededFates(SEED, (label) => killShare(label) * part);
    story = await playKilledStory(scenario, stage, fates, scope);
  }, 1_800_000);

  afterAll(async () => {
    scope.stop();
    await sandbox?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it(`was killed at ${String(POINTS)} points or more, before and after all kinds of requests`, () => {
    expect(story.points.length).toBeGreaterThanOrEqual(POINTS);
    const labels = new Set(story.points.map(({ label, fate }) => `${fate} ${label}`));
    expect([...labels]).toEqual(expect.arrayContaining(HEART));
  });

  it('ran each plan once', () => {
    const child = { 'shop/storefront-cache': ['deploy'] };
    expect(story.plans).toEqual({ ...wantedPlans(scenario), ...child });
  });

  it('gave every commit its statuses in order, none twice in a row, the verdict last', () => {
    const complaints = story.statuses.map((said, index) =>
      complaintsAbout(said, scenario.steps[index]?.expect.state ?? ''),
    );
    expect(complaints).toEqual(story.statuses.map(() => []));
  });

  it('wrote one comment on the pull request, and no status of it twice in a row', () => {
    const seen = story.pullRequests.map((pull) => [pull.comments, repeated(pull.statuses)]);
    expect(seen).toEqual([[1, []]]);
  });

  it('left no rollout without a verdict', () => {
    expect(withoutVerdict(story.rollouts)).toEqual([]);
  });
});
