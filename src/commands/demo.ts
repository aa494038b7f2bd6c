import { join } from 'node:path';
import { Command } from 'commander';
import { Failure } from '../lib/failure.ts';
import { untilStopped } from '../lib/scope.ts';
import type { CommandContext } from './command-context.ts';
import { firstEdit } from './first-edit.ts';
import { narrate } from './follow-rollout.ts';
import { history } from './history.ts';
import { playDemo, STEP_TIMEOUT_MS } from './play-demo.ts';
import { readScenario, type Scenario } from './scenario.ts';
import type { Demo } from './start-demo.ts';

interface DemoOptions {
  readonly once?: true;
  readonly scenario: string;
}

/** `kudo-gitops demo`: the whole thing on this machine, in a minute. */
export function demoCommand(context: CommandContext): Command {
  return new Command('demo')
    .description('start a sandbox with an example fleet and the real service, and watch it work')
    .option('--once', 'play the story without a person; exit 0 only if every verdict is right')
    .option('--scenario <file>', 'another story', scenarioFile(context))
    .addHelpText('after', '\nEverything runs on loopback and is removed at the end (Ctrl-C).')
    .action(async (options: DemoOptions) => {
      await demo(options, context);
    });
}

const scenarioFile = ({ programFolder }: CommandContext): string =>
  join(programFolder, '..', 'examples', 'scenarios', 'story.yaml');

/** As a shell says it of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

async function demo(options: DemoOptions, context: CommandContext): Promise<void> {
  try {
    await startAndPlay(options, context);
  } catch (thrown) {
    if (!context.scope.signal.aborted) throw thrown;
  }
  if (options.once && context.scope.signal.aborted) context.exit(INTERRUPTED);
}

async function startAndPlay(options: DemoOptions, context: CommandContext): Promise<void> {
  const { clock } = context.scope;
  const startedAt = clock.now();
  const scenario = await readScenario(options.scenario);
  const say = (line: string): void => {
    context.out(`${line}\n`);
  };
  say('starting a sandbox: Kubernetes API server, engine, Git server, service …');
  const { startDemo } = await import('./start-demo.ts');
  const world = await startDemo(scenario.files, context);
  const stopTalking = narrate(world.rollouts, (line) => {
    say(`   ${line}`);
  });
  try {
    const work = options.once
      ? playOnce(scenario, world, context)
      : invite(scenario, world, context);
    await Promise.race([work, world.serviceEnded]);
    const seconds = Math.round((clock.now() - startedAt) / 1_000);
    if (options.once) say(`\nevery verdict was right (${String(seconds)} s)`);
  } finally {
    stopTalking();
    say('stopping …');
    await world.stop();
  }
}

async function playOnce(scenario: Scenario, world: Demo, context: CommandContext): Promise<void> {
  await playDemo(scenario, world, context);
  const { instance } = scenario;
  context.out(`\nWhat became of ${instance} (kudo-gitops history ${instance})\n\n`);
  const { kubeconfig } = world.sandbox;
  await history(instance, { kubeconfig, limit: '200', output: 'text' }, context);
}

/** Says what there is to try, and stays until Ctrl-C. */
async function invite(scenario: Scenario, world: Demo, context: CommandContext): Promise<void> {
  const { scope } = context;
  const until = scope.clock.now() + STEP_TIMEOUT_MS;
  while (!world.rollouts.list().some(({ status }) => status?.phase === 'succeeded')) {
    if (scope.clock.now() > until) {
      throw new Failure('timeout', 'the first rollout did not end', { hint: world.serviceLog });
    }
    await scope.clock.sleep(200, scope.signal);
  }
  context.out(invitation(scenario, world));
  await untilStopped(scope);
}

function invitation(scenario: Scenario, world: Demo): string {
  const { sandbox, pushUrl, serviceUrl, serviceLog, repositoryPage } = world;
  const edit = firstEdit(scenario);
  const change = edit
    ? `  # in ${edit.file}, line ${String(edit.line)}: ${edit.from} → ${edit.to}, then
  git commit -am ${JSON.stringify(edit.message)} && git push
`
    : '';
  return `
What to try

  git clone ${pushUrl} fleet
  cd fleet
${change}
  The push shows its rollout as remote: lines. More changes to try: README.md in the clone.

  export KUBECONFIG=${sandbox.kubeconfig}
  kubectl get syncs,rollouts,instances -A

  Rollouts  ${serviceUrl}
  Forge     ${repositoryPage}
  Log       ${serviceLog}

Ctrl-C stops everything and cleans up.
`;
}
