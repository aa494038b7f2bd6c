import { join } from 'node:path';
import { Command, Option } from 'commander';
import { suggestionHint } from '../desired/suggest.ts';
import { boundedRenderer } from '../engine/bounded-renderer.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import type {
  DesiredInstance,
  DesiredPlanRun,
  DesiredPlanSchedule,
  DesiredState,
} from '../model/desired.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { API_VERSION } from '../model/names.ts';
import { secretNames } from '../plan/parameter-edits.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import type { CommandContext } from './command-context.ts';
import { packageHostOption, packageLoading, type PackageHostOptions } from './load-packages.ts';
import { MASK, maskInstance } from './masked-instance.ts';
import { listText } from './object-printer.ts';
import { collect, outputOption, structured, withExamples } from './output.ts';
import { planText } from './package-plan-text.ts';
import { problemList } from './problem-lines.ts';
import { readWorkingCopyState } from './read-working-copy-state.ts';
import { stylesFor } from './styles.ts';

interface RenderOptions extends PackageHostOptions {
  readonly online?: boolean;
  readonly path?: readonly string[];
  readonly namespace: string;
  readonly instance?: string;
  readonly plan?: string;
  readonly output: 'yaml' | 'json';
}

type Desired = DesiredState<Operator, OperatorVersion>;

/** `kudo-gitops render`: the objects that a working copy stands for, or those of one Instance's plan. */
export function renderCommand(context: CommandContext): Command {
  const command = new Command('render')
    .description(
      'print the objects that the files of a working copy stand for, or with --instance those that a plan of it applies; secret values are masked; needs no cluster',
    )
    .argument('[folder]', 'the working copy', '.')
    .option(
      '--path <path>',
      'folder or file in it, as in spec.paths of the Sync (repeatable)',
      collect,
    )
    .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
    .option('--online', 'fetch the packages that live elsewhere')
    .addOption(packageHostOption())
    .option('--instance <namespace/name>', 'what a plan of this Instance applies, in order')
    .addOption(new Option('--plan <name>', 'the plan, with --instance; deploy when absent'))
    .addOption(outputOption(['yaml', 'json']))
    .action(async (folder: string, options: RenderOptions) => {
      await render(folder, options, context);
    });
  return withExamples(command, [
    ['What two layers come to', 'render . --path base --path prod -n shop'],
    ['What deploying one Instance applies', 'render --instance shop/orders --plan deploy'],
  ]);
}

async function render(
  folder: string,
  { path: paths = ['.'], namespace, instance, plan, output, ...options }: RenderOptions,
  context: CommandContext,
): Promise<void> {
  requireFitting({ instance, plan, output });
  const packages = options.online === true ? packageLoading(options, context) : undefined;
  const reading = { paths, namespace, packages };
  const { desired } = await readWorkingCopyState(folder, reading, context.scope);
  context.err(problemList(desired.problems, folder, stylesFor({ ...context, isTerminal: false })));
  if (instance === undefined) {
    const objects = objectsOf(desired);
    context.out(
      output === 'json'
        ? listText(objects, 'json')
        : objects.map((object) => `---\n${structured(object, 'yaml')}`).join(''),
    );
  } else {
    context.out(
      await planOf(findInstance(instance, namespace, desired), plan ?? 'deploy', desired, context),
    );
  }
  if (desired.problems.some(({ severity }) => severity === 'error')) context.exit(1);
}

function requireFitting({
  instance,
  plan,
  output,
}: {
  readonly instance: string | undefined;
  readonly plan: string | undefined;
  readonly output: string;
}): void {
  if (instance === undefined && plan !== undefined) {
    const hint = 'name the Instance too: --instance <namespace/name>';
    throw new Failure('invalid', `--plan ${plan} is of no Instance`, { hint });
  }
  if (instance !== undefined && output === 'json') {
    const hint = 'leave -o json out: its tasks and places are comments of the YAML';
    throw new Failure('invalid', 'what a plan applies is printed as YAML only', { hint });
  }
}

function objectsOf(desired: Desired): readonly KubeObject[] {
  return [
    ...[...desired.operators.values()].map(({ object }) => object),
    ...[...desired.operatorVersions.values()].map(({ object }) => object),
    ...[...desired.instances.values()].map((one) =>
      maskInstance(instanceObject(one), secretNames(one, versionOf(one, desired))),
    ),
    ...[...desired.planRuns.values()].map((one) => planObject('PlanRun', one)),
    ...[...desired.planSchedules.values()].map((one) => planObject('PlanSchedule', one)),
  ];
}

function planObject(kind: string, one: DesiredPlanRun | DesiredPlanSchedule): KubeObject {
  const object = {
    apiVersion: API_VERSION,
    kind,
    metadata: { name: one.name, namespace: one.namespace, ...marksOf(one) },
    spec: one.spec,
  };
  return object;
}

function marksOf({
  labels,
  annotations,
}: Pick<DesiredInstance, 'labels' | 'annotations'>): Pick<
  KubeObject['metadata'],
  'labels' | 'annotations'
> {
  return {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}

function instanceObject(desired: DesiredInstance): Parameters<typeof maskInstance>[0] {
  const { namespace, name, operatorVersion, parameters } = desired;
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: { name, namespace, ...marksOf(desired) },
    spec: { operatorVersion, parameters },
  };
}

function versionOf(instance: DesiredInstance, desired: Desired): OperatorVersion | undefined {
  const { namespace, name } = referenceOf(instance);
  return desired.operatorVersions.get(`${namespace}/${name}`)?.object;
}

function findInstance(text: string, fallback: string, desired: Desired): DesiredInstance {
  const key = text.includes('/') ? text : `${fallback}/${text}`;
  const found = [...desired.instances.values()].find((one) => one.key === key);
  if (found) return found;
  const known = [...desired.instances.keys()];
  const hint = suggestionHint(key, known) ?? `there: ${known.slice(0, 5).join(', ') || 'none'}`;
  throw new Failure('missing', `these files have no Instance ${key}`, { hint });
}

async function planOf(
  instance: DesiredInstance,
  plan: string,
  desired: Desired,
  context: CommandContext,
): Promise<string> {
  const version = versionOf(instance, desired);
  if (!version) {
    const { name } = referenceOf(instance);
    throw new Failure('missing', `OperatorVersion ${name} is not in these files`, {
      hint: 'add its package, or render a package with "kudo-gitops package render"',
    });
  }
  const secrets = secretNames(instance, version);
  const parameters = Object.fromEntries(
    Object.entries(instance.parameters).map(([name, value]) => [
      name,
      secrets.has(name) ? MASK : value,
    ]),
  );
  const { name, namespace } = instance;
  const workerFile = join(context.programFolder, 'render.worker.js');
  const renderer = boundedRenderer(workerFile, context.scope);
  try {
    return await planText(
      { version, parameters, plan, instance: name, namespace },
      renderer.render,
    );
  } finally {
    await renderer.close();
  }
}
