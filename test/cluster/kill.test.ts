import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readScenario, type Scenario } from '../../src/commands/scenario.ts';
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
import { startStoryCluster, type StoryCluster } from './story-cluster.ts';

const STORY = fileURLToPath(new URL('../../examples/scenarios/story.yaml', import.meta.url));
const SEED = 1;
const POINTS = 20;
/** Two requests at once may be meant to end the same life. */
const MOST_POINTS = 24;

/** Why: what holds against our own API server and engine must hold against the real ones and a real forge. */
describe(`the story on a real cluster with the service killed at ${String(POINTS)} points`, () => {
  const scope = liveScope();
  let scenario: Scenario;
  let world: StoryCluster;
  let story: KilledStory;

  beforeAll(async () => {
    scenario = await readScenario(STORY);
    world = await startStoryCluster(scenario.files);
    const { client, cluster, gitea: forge, repository, serviceKubeconfig: kubeconfig } = world;
    const dir = await mkdtemp(join(cluster.dir, 'kill-'));
    const stage = { dir, client, kubeconfig, forge, repository };
    const fates = seededFates(SEED, (label) => killShare(label) / 8);
    let left = MOST_POINTS;
    story = await playKilledStory(
      scenario,
      stage,
      (request) => {
        const fate = left > 0 ? fates(request) : 'passes';
        if (fate !== 'passes') left -= 1;
        return fate;
      },
      scope,
    );
  });

  afterAll(async () => {
    scope.stop();
    await world?.cluster.stop();
  });

  it('was killed so many times', () => {
    expect(story.points.length).toBeGreaterThanOrEqual(POINTS);
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
