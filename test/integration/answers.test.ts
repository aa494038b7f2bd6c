import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import { startFleetSandbox } from '../fakes/fleet-sandbox.ts';
import { answersCases } from '../fakes/answers-cases.ts';
import { ANSWERED_FILES, AnswersStory } from '../fakes/answers-story.ts';
import { liveScope } from '../fakes/scope.ts';

/** Why: what stands under a commit is all that most people see of the service. */
describe('answers in the sandbox’s forge', () => {
  const scope = liveScope();
  let sandbox: Sandbox;
  let story: AnswersStory;
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-answers-'));
    const fleet = await startFleetSandbox(ANSWERED_FILES, scope);
    ({ sandbox } = fleet);
    const { kubeconfig, forge, repository } = fleet;
    const { client } = sandbox;
    story = await AnswersStory.start({ dir, client, kubeconfig, forge, repository }, scope);
    await story.saidAtLast(await story.head(), /^success: 5 changes/);
  }, 120_000);

  afterAll(async () => {
    await story?.stop();
    scope.stop();
    await sandbox?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  answersCases(() => story);
});
