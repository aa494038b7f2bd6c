import { Command } from 'commander';
import { getIfThere } from '../cluster/apply-object.ts';
import { KubeError, type KubeClient } from '../cluster/kube-client.ts';
import {
  OPERATOR_VERSIONS,
  pathOf,
  PLAN_RUNS,
  SELF_SUBJECT_REVIEWS,
} from '../cluster/resources.ts';
import { suggestionHint } from '../desired/suggest.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { runningPlan } from '../kudo/plan-status.ts';
import { versionReference } from '../kudo/version-reference.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type KubeObject } from '../model/kube-object.ts';
import { ANNOTATION, API_VERSION, FIELD_MANAGER } from '../model/names.ts';
import type { PlanRun } from '../model/plan-run.ts';
import type { CommandContext } from './command-context.ts';
import { followPlanRun, requireSuccess } from './follow-plan-run.ts';
import { timeoutOf } from './follow-sync.ts';
import { readInstance } from './named-instance.ts';
import { type NamespacedOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { structured, withExamples } from './output.ts';

interface RunOptions extends NamespacedOptions {
  readonly name?: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly timeout: string;
}

/** `kudo-gitops plan run`: makes a PlanRun, which the service carries out and which remembers how it went. */
export function planRunCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('run').description(
      'run a plan of an Instance once, as a PlanRun that the service carries out when the Instance is idle; nothing that Git says changes',
    ),
  )
    .argument('<instance>', 'name, or <namespace>/<name>')
    .argument('<plan>', 'name of the plan, as "get plans" lists them')
    .option(
      '-n, --namespace <name>',
      "namespace of the Instance; the kubeconfig context's when absent",
    )
    .option('--name <name>', 'of the PlanRun; Instance, plan and time when absent')
    .option('--dry-run', 'make nothing: print the PlanRun, to be committed instead')
    .option('--wait', 'show how it goes until it has ended; exits with 1 when it fails')
    .option('--timeout <duration>', 'longest wait, such as 90s or 1h', '5m')
    .action(async (instance: string, plan: string, options: RunOptions) => {
      await run({ instance, plan }, options, context);
    });
  return withExamples(command, [
    ['A backup now, and its outcome', 'plan run orders backup -n shop --wait'],
    [
      'Reviewed and recorded in Git instead',
      'plan run orders backup -n shop --dry-run > shop/orders-backup.yaml',
    ],
  ]);
}

async function run(
  { instance: name, plan }: { readonly instance: string; readonly plan: string },
  options: RunOptions,
  context: CommandContext,
): Promise<void> {
  const { scope, out } = context;
  const timeoutMs = timeoutOf(options.timeout);
  const cluster = await openCluster(options, context);
  const instance = await readInstance(name, cluster, scope);
  await checkPlan(instance, plan, cluster.client, scope);
  const wanted = planRunOf(instance, plan, options.name ?? runName(instance, plan, scope));
  if (options.dryRun === true) {
    out(structured(wanted, 'yaml'));
    return;
  }
  const made = await create(wanted, cluster.client, scope);
  out(`planrun/${made.metadata.name}: plan ${plan} of ${keyOf(instance)} is to run once\n`);
  if (options.wait !== true) {
    out(waitingText(instance));
    return;
  }
  const ended = await followPlanRun(made, timeoutMs, cluster.client, context);
  requireSuccess(ended, options.timeout, context);
}

/** What KUDO would refuse is refused before anything is made. */
async function checkPlan(
  instance: Instance,
  plan: string,
  client: KubeClient,
  scope: Scope,
): Promise<void> {
  const key = keyOf(instance);
  if (instance.metadata.deletionTimestamp !== undefined) {
    throw new Failure('invalid', `${key} is being deleted: KUDO runs nothing but its cleanup`);
  }
  if (plan === 'cleanup') {
    throw new Failure('invalid', 'KUDO runs the plan cleanup only when an Instance is deleted');
  }
  const { namespace, name } = versionReference(instance);
  const path = pathOf(OPERATOR_VERSIONS, `${namespace}/${name}`);
  const version = await getIfThere<OperatorVersion>(client, path, scope);
  if (!version) {
    throw new Failure('missing', `OperatorVersion ${namespace}/${name} of ${key} is not there`, {
      hint: 'KUDO runs no plan of an Instance without it: bring it back',
    });
  }
  const plans = Object.keys(version.spec?.plans ?? {});
  if (plans.includes(plan)) return;
  const others = plans.filter((one) => one !== 'cleanup').toSorted();
  throw new Failure('invalid', `${key} has no plan ${plan}`, {
    hint: suggestionHint(plan, others) ?? `it has: ${others.join(', ')}`,
  });
}

type NewPlanRun = Pick<PlanRun, 'metadata' | 'spec'> & {
  readonly apiVersion: string;
  readonly kind: string;
};

function planRunOf({ metadata }: Instance, plan: string, name: string): NewPlanRun {
  return {
    apiVersion: API_VERSION,
    kind: 'PlanRun',
    metadata: { name, namespace: metadata.namespace },
    spec: { instance: metadata.name, plan },
  };
}

/** Of an object's name (RFC 1123 subdomain). */
const MAX_NAME = 253;

/** `orders-backup-20261122t204012z`. */
function runName({ metadata }: Instance, plan: string, { clock }: Scope): string {
  const time = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const stamp = `-${time.toLowerCase()}z`;
  const words = `${metadata.name}-${plan.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  return `${words.slice(0, MAX_NAME - stamp.length).replace(/[-.]+$/, '')}${stamp}`;
}

async function create(wanted: NewPlanRun, client: KubeClient, scope: Scope): Promise<PlanRun> {
  const requestedBy = await userName(client, scope);
  const annotations = requestedBy === '' ? {} : { [ANNOTATION.requestedBy]: requestedBy };
  const body = { ...wanted, metadata: { ...wanted.metadata, annotations } };
  const path = { ...PLAN_RUNS, namespace: wanted.metadata.namespace };
  try {
    return await client.create<PlanRun>(path, body, { fieldManager: FIELD_MANAGER }, scope);
  } catch (thrown) {
    if (!(thrown instanceof KubeError)) throw thrown;
    if (thrown.code === 409) {
      throw new Failure('conflict', `there is a PlanRun ${wanted.metadata.name} already`, {
        hint: 'a PlanRun is known by its name: give this one another with --name',
      });
    }
    if (thrown.code !== 404) throw thrown;
    throw new Failure('missing', `${client.server} does not know PlanRuns`, {
      cause: thrown,
      hint: 'install the custom resources of kudo-gitops: kubectl apply -k deploy/crds',
    });
  }
}

interface SelfSubjectReview extends KubeObject {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
}

/** As the API server knows whoever asks; empty where it does not tell (before Kubernetes 1.28). */
async function userName(client: KubeClient, scope: Scope): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  try {
    const review = await client.create<SelfSubjectReview>(SELF_SUBJECT_REVIEWS, body, {}, scope);
    return review.status?.userInfo?.username ?? '';
  } catch (thrown) {
    if (thrown instanceof KubeError) return '';
    throw thrown;
  }
}

function waitingText(instance: Instance): string {
  const running = runningPlan(instance);
  if (!running) return '';
  return `  ◌ it waits for plan ${running.plan} (${running.uid}), which runs now\n`;
}
