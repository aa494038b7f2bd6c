import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { answersCases } from '../fakes/answers-cases.ts';
import { ANSWERED_FILES, AnswersStory } from '../fakes/answers-story.ts';
import { liveScope } from '../fakes/scope.ts';
import { startStoryCluster, type StoryCluster } from './story-cluster.ts';

/** Why: the sandbox's forge is ours; what a real Gitea shows after the same pushes must be the same. */
describe('answers in a real Gitea', () => {
  const scope = liveScope();
  let world: StoryCluster;
  let story: AnswersStory;

  beforeAll(async () => {
    world = await startStoryCluster(ANSWERED_FILES, { workloads: false });
    const { client, cluster, gitea: forge, repository, serviceKubeconfig: kubeconfig } = world;
    const dir = await mkdtemp(join(cluster.dir, 'answers-'));
    story = await AnswersStory.start({ dir, client, kubeconfig, forge, repository }, scope);
    await story.saidAtLast(await story.head(), /^success: 5 changes/);
  });

  afterAll(async () => {
    await story?.stop();
    scope.stop();
    await world?.cluster.stop();
  });

  answersCases(() => story);
});
