import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/commands/start-sandbox.ts';
import { queueFiles } from '../fakes/ask-for-plans.ts';
import { withToken } from '../fakes/git-person.ts';
import { playKilledRuns, wrongAmongRuns } from '../fakes/killed-plan-runs.ts';
import { liveScope } from '../fakes/scope.ts';
import { PROGRAM_FOLDER } from '../fakes/service-process.ts';

const SEED = Number(process.env['KILL_SEED'] ?? 1);
const RUNS = Number(process.env['KILL_PLAN_RUNS'] ?? 12);
const KILLS = RUNS / 2;

const scope = liveScope();
let dir: string;
let sandbox: Sandbox;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-kill-runs-'));
  const { PATH } = process.env;
  const context = { env: { PATH }, version: 'test', programFolder: PROGRAM_FOLDER };
  sandbox = await startSandbox({}, context, scope);
});

afterAll(async () => {
  scope.stop();
  await sandbox?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Why: nobody wants two backups, or none, because the service was moved to another node. */
test(
  `${String(RUNS)} one-shot plans run exactly once under ${String(KILLS)} kills (seed ${String(SEED)})`,
  { timeout: (120 + RUNS * 30) * 1_000 },
  async () => {
    const { git, client, kubeconfig, bot, user } = sandbox;
    const { url } = await git.createRepository('shop', 'fleet', queueFiles());
    const pushUrl = withToken(url, user.token);
    const repository = { owner: 'shop', name: 'fleet', cloneUrl: url, pushUrl };
    const forge = { url: git.url, user: bot.login, token: bot.token };
    const stage = { dir, client, kubeconfig, forge, repository };
    const wish = { runs: RUNS, kills: KILLS, seed: SEED };
    const story = await playKilledRuns(wish, stage, scope);
    expect(wrongAmongRuns(story, wish)).toEqual([]);
  },
);
