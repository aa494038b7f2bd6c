import { join } from 'node:path';
import { Command } from 'commander';
import { openForge } from '../forge/forge-registry.ts';
import { Failure } from '../lib/failure.ts';
import type { CommandContext } from './command-context.ts';
import { narrate } from './follow-rollout.ts';
import { cloneRepository } from './git-worktree.ts';
import { playScenario } from './play-scenario.ts';
import { readScenario, type Scenario } from './scenario.ts';
import { DEMO, startDemo, type Demo } from './start-demo.ts';

const STEP_TIMEOUT_MS = 60_000;

/** `kudo-gitops demo`: the whole thing on this machine, in a minute. */
export function demoCommand(context: CommandContext): Command {
  return new Command('demo')
    .description('start a sandbox with an example fleet and the real service, and watch it work')
    .option('--once', 'play the story without a person; exit 0 only if every verdict is right')
    .option('--scenario <file>', 'another story', scenarioFile(context))
    .addHelpText('after', '\nEverything runs on loopback and is removed at the end (Ctrl-C).')
    .action(async (options: { once?: true; scenario: string }) => {
      await demo(options, context);
    });
}

const scenarioFile = ({ programFolder }: CommandContext): string =>
  join(programFolder, '..', 'examples', 'scenarios', 'story.yaml');

async function demo(
  options: { once?: true; scenario: string },
  context: CommandContext,
): Promise<void> {
  const startedAt = context.scope.clock.now();
  const scenario = await readScenario(options.scenario);
  const say = (line: string): void => {
    context.out(`${line}\n`);
  };
  say('starting a sandbox: Kubernetes API server, engine, Git server, service …');
  const world = await startDemo(scenario.files, context);
  const stopTalking = narrate(world.rollouts, (line) => {
    say(`   ${line}`);
  });
  try {
    const work = options.once ? playOnce(scenario, world, context) : invite(world, context);
    await Promise.race([work, world.serviceEnded]);
    const seconds = Math.round((context.scope.clock.now() - startedAt) / 1_000);
    if (options.once) say(`\nevery verdict was right (${String(seconds)} s)`);
  } catch (thrown) {
    if (!context.scope.signal.aborted) throw thrown;
  } finally {
    stopTalking();
    say('stopping …');
    await world.stop();
  }
}

async function playOnce(
  scenario: Scenario,
  { sandbox, pushUrl, cloneUrl }: Demo,
  context: CommandContext,
): Promise<void> {
  const { scope } = context;
  const worktree = await cloneRepository(pushUrl, context.env, scope);
  const forge = openForge({ type: 'gitea', url: cloneUrl, token: sandbox.user.token });
  try {
    await playScenario(
      scenario,
      {
        client: sandbox.client,
        forge,
        repositoryApi: `${sandbox.git.url}/api/v1/repos/${DEMO.owner}/${DEMO.repository}`,
        token: sandbox.user.token,
        worktree,
        context: `kudo-gitops/${DEMO.cluster}/${DEMO.namespace}/${DEMO.sync}`,
        stepTimeoutMs: STEP_TIMEOUT_MS,
        say: (line) => {
          context.out(`${line}\n`);
        },
      },
      scope,
    );
  } finally {
    forge.close();
    await worktree.remove();
  }
}

/** Says what there is to try, and stays until Ctrl-C. */
async function invite(world: Demo, context: CommandContext): Promise<void> {
  const { rollouts, sandbox } = world;
  const until = context.scope.clock.now() + STEP_TIMEOUT_MS;
  while (!rollouts.list().some(({ status }) => status?.phase === 'succeeded')) {
    if (context.scope.clock.now() > until) {
      throw new Failure('timeout', 'the first rollout did not end', { hint: world.serviceLog });
    }
    await context.scope.clock.sleep(200, context.scope.signal);
  }
  context.out(`
What to try

  git clone ${world.pushUrl} fleet
  cd fleet
  # in shop/orders.yaml, line 10: BROKERS: 3 → 5, then
  git commit -am "orders: five brokers" && git push

  The push shows its rollout as remote: lines. More changes to try: fleet/README.md.

  export KUBECONFIG=${sandbox.kubeconfig}
  kubectl get syncs,rollouts,instances -A

  Rollouts  ${world.serviceUrl}
  Forge     ${world.repositoryPage}
  Log       ${world.serviceLog}

Ctrl-C stops everything and cleans up.
`);
  await new Promise<void>((resolve) => {
    context.scope.signal.addEventListener('abort', () => {
      resolve();
    });
    if (context.scope.signal.aborted) resolve();
  });
}
