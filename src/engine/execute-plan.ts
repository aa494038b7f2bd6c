import type { Scope } from '../lib/scope.ts';
import { effectiveParameters } from '../kudo/parameter-values.ts';
import type { Instance, OperatorVersion, PlanStatus } from '../kudo/objects.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import type { FindKind } from './find-kind.ts';
import { pipesOf } from './plan-variables.ts';
import { runPlan, type PlanFailure } from './run-plan.ts';
import { runTask } from './run-task.ts';
import { instancePlace, type RenderTemplate } from './task-context.ts';

/** What came of a pass over a plan; `unprepared` when it could not even begin and is tried again. */
export type PlanOutcome =
  | {
      readonly kind: 'ran';
      readonly status: PlanStatus;
      readonly failure?: PlanFailure | undefined;
    }
  | { readonly kind: 'unprepared'; readonly reason: string };

/** A plan run: of which Instance, by which OperatorVersion, how far it is. */
export interface InstanceRun {
  readonly instance: Instance;
  readonly operatorVersion: OperatorVersion;
  readonly status: PlanStatus;
}

/** What the tasks of a plan reach outside for. */
export interface PlanWorld {
  readonly client: KubeClient;
  readonly findKind: FindKind;
  readonly render: RenderTemplate;
}

/** Runs the plan that `status` is of as far as it goes now (instance_controller.go:378-410). */
export async function executePlan(
  { instance, operatorVersion, status }: InstanceRun,
  world: PlanWorld,
  scope: Scope,
): Promise<PlanOutcome> {
  const { spec } = operatorVersion;
  const planName = status.name;
  const plans = spec?.plans ?? {};
  if (!Object.hasOwn(plans, planName))
    return unprepared(`could not find required plan: '${planName}'`);
  const plan = plans[planName] ?? {};
  const parameters = effectiveParameters(operatorVersion, instance);
  if (!parameters.ok) return unprepared(`could not parse parameters: ${parameters.message}`);
  const pipes = pipesOf(instance.metadata.name, planName, plan, operatorVersion);
  if (!pipes.ok) return unprepared(`could not make task pipes: ${pipes.reason}`);
  const place = instancePlace(instance, operatorVersion);
  const planUid = status.uid ?? '';
  const { namespace, instanceName } = place;
  const run = { namespace, instanceName, planName, plan, status, tasks: spec?.tasks ?? [] };
  const pass = await runPlan(run, async (task, at) => {
    const context = {
      place: { ...place, ...at, planName, planUid, taskName: task.name },
      instance,
      templates: spec?.templates ?? {},
      parameters: parameters.values,
      pipes: pipes.names,
      client: world.client,
      findKind: world.findKind,
      render: world.render,
    };
    return runTask(task, context, scope);
  });
  return { kind: 'ran', ...pass };
}

function unprepared(reason: string): PlanOutcome {
  return { kind: 'unprepared', reason };
}
