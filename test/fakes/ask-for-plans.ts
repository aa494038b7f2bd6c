import type { KubeClient, Resource } from '../../src/cluster/kube-client.ts';
import { PLAN_RUNS, PLAN_SCHEDULES } from '../../src/cluster/resources.ts';
import { cloneRepository } from '../../src/commands/git-worktree.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { API_VERSION } from '../../src/model/names.ts';
import { FLEET } from './fleet-sync.ts';
import { instanceFile, tinyFiles } from './tiny-operator.ts';

/** Each commit gives one of them another COLOUR, so that changes and one-shot plans meet. */
export const QUEUES = ['q0', 'q1', 'q2', 'q3', 'q4', 'q5'] as const;

/** Content of the repository before the first one-shot plan, by path. */
export function queueFiles(): Readonly<Record<string, string>> {
  const files = tinyFiles(Object.fromEntries(QUEUES.map((name) => [name, {}])));
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => [file.includes('/') ? file : `shop/${file}`, text]),
  );
}

/** Where people ask. */
export interface AskedStage {
  readonly client: KubeClient;
  readonly repository: { readonly pushUrl: string };
}

/**
 * Asks for that many runs of plan `resize`: a third of them in Git, by hand and by schedules each, and
 * those of each way spread over all Instances.
 *
 * @returns the last commit
 */
export async function askForPlans(runs: number, stage: AskedStage, scope: Scope): Promise<string> {
  const third = (which: number): readonly number[] =>
    Array.from({ length: runs }, (_, number) => number).filter((number) => number % 3 === which);
  const [head] = await Promise.all([
    askInGit(third(0), stage, scope),
    askByHand(third(1), stage, scope),
    askBySchedule(third(2), stage, scope),
  ]);
  return head;
}

const queueOf = (number: number): string =>
  QUEUES[Math.floor(number / 3) % QUEUES.length] ?? QUEUES[0];

const specOf = (number: number): object => ({ instance: queueOf(number), plan: 'resize' });

/** One commit an Instance, one upon the other. */
async function askInGit(
  numbers: readonly number[],
  { repository }: AskedStage,
  scope: Scope,
): Promise<string> {
  const worktree = await cloneRepository(repository.pushUrl, { ...process.env }, scope);
  try {
    for (const queue of QUEUES) {
      const own = numbers.filter((number) => queueOf(number) === queue);
      const edits = own.map((number) => ({
        file: `shop/run-${String(number)}.yaml`,
        to: JSON.stringify(objectOf('PlanRun', `run-${String(number)}`, specOf(number))),
      }));
      const painted = { file: `shop/${queue}.yaml`, to: instanceFile(queue, { COLOUR: 'red' }) };
      await worktree.commit(`Paint ${queue}`, 'Ada Byron', [painted, ...edits]);
      await worktree.git('push', '--quiet', 'origin', 'HEAD');
    }
    return await worktree.git('rev-parse', 'HEAD');
  } finally {
    await worktree.remove();
  }
}

async function askByHand(
  numbers: readonly number[],
  { client }: AskedStage,
  scope: Scope,
): Promise<void> {
  for (const number of numbers) {
    const body = objectOf('PlanRun', `run-${String(number)}`, specOf(number));
    await client.create(inFleet(PLAN_RUNS), body, {}, scope);
  }
}

/** A tick a year, and each schedule has missed one: none can come while the test runs but that one. */
async function askBySchedule(
  numbers: readonly number[],
  { client }: AskedStage,
  scope: Scope,
): Promise<void> {
  for (const number of numbers) {
    const name = `yearly-${String(number)}`;
    const spec = { ...specOf(number), schedule: '0 0 1 1 *' };
    await client.create(inFleet(PLAN_SCHEDULES), objectOf('PlanSchedule', name, spec), {}, scope);
    const path = { ...inFleet(PLAN_SCHEDULES), name, subresource: 'status' };
    const body = { status: { lastScheduleTime: '2024-06-01T00:00:00Z' } };
    await client.patch(path, { type: 'merge', body }, scope);
  }
}

const inFleet = (resource: Resource) => ({ ...resource, namespace: FLEET.namespace });

const objectOf = (kind: string, name: string, spec: object): object => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name },
  spec,
});
