import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/commands/start-sandbox.ts';
import { KillPairs, seededPair, type PairStory, type WantedKill } from '../fakes/kill-pairs.ts';
import { liveScope } from '../fakes/scope.ts';
import { PROGRAM_FOLDER } from '../fakes/service-process.ts';

const SEED = Number(process.env['KILL_SEED'] ?? 1);
const PAIRS = Number(process.env['KILL_PAIRS'] ?? 3);
/** Pairs are numbered, so that a long run may be shared out. */
const FIRST = Number(process.env['KILL_FIRST'] ?? 1);
const SECONDS_EACH = 60;

const scope = liveScope();
let dir: string;
let sandbox: Sandbox;
let pairs: KillPairs;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-kill-pairs-'));
  const { PATH } = process.env;
  const context = { env: { PATH }, version: 'test', programFolder: PROGRAM_FOLDER };
  sandbox = await startSandbox({}, context, scope);
  pairs = await KillPairs.start(sandbox, dir, scope);
});

afterAll(async () => {
  await pairs?.stop();
  scope.stop();
  await sandbox?.stop();
  await rm(dir, { recursive: true, force: true });
});

/**
 * Why: one kill finds what is forgotten between two writes; the second finds what the recovery from the
 * first forgets. Two Syncs, because one service recovers for both at once.
 */
test(
  `${String(PAIRS)} pairs of kills (seed ${String(SEED)}): no plan twice, no verdict missing, no status out of order`,
  { timeout: (PAIRS + 2) * SECONDS_EACH * 1_000 },
  async () => {
    const { requests, complaints } = await pairs.play([]);
    expect(complaints).toEqual([]);
    const wrong: object[] = [];
    let reached = 0;
    for (let number = FIRST; number < FIRST + PAIRS; number++) {
      const kills = seededPair(SEED, number, requests);
      const story = await pairs.play(kills);
      reached += story.points.length;
      if (story.complaints.length > 0) wrong.push({ number, kills, said: story.complaints });
      tell(number, kills, story);
    }
    expect(wrong).toEqual([]);
    // A kill takes with it the requests that were under way, so that some counts are never reached.
    expect(reached).toBeGreaterThanOrEqual(Math.floor(PAIRS * 1.5));
  },
);

/** Long runs say where they are. */
function tell(
  number: number,
  kills: readonly WantedKill[],
  { points, complaints }: PairStory,
): void {
  if (PAIRS < 20) return;
  const asked = kills.map(({ fate, label, ordinal }) => `${fate} ${label} #${String(ordinal)}`);
  const line = `pair ${String(number)}: ${asked.join(', ')}: ${String(points.length)} kills\n`;
  process.stderr.write([line, ...complaints].join('  '));
}
