import type { Problem } from '../model/problem.ts';
import { finding, type PackagePlace } from './lint-findings.ts';
import { operatorPlace, type PackageView } from './lint-package-view.ts';
import type { Plan, Task } from './objects.ts';

/** Plans: whether deploy is there, every task defined and used, and whether they end and do something. */
export function lintPlans(view: PackageView): Problem[] {
  return [
    ...deployFindings(view),
    ...unusedTasks(view),
    ...view.plans.flatMap((plan) => [
      ...emptyParts(plan, view),
      ...repeatedNames(plan, view),
      ...undefinedTasks(plan, view),
      ...pipeKeys(plan, view),
      ...outcomeFindings(plan, view),
    ]),
  ];
}

type PlacedPlan = PackageView['plans'][number];

function deployFindings({ source, plans }: PackageView): Problem[] {
  if (plans.some(({ name }) => name === 'deploy')) return [];
  const message = 'there is no plan deploy';
  return [finding('plan-deploy-missing', operatorPlace(source, ['plans']), message)];
}

function unusedTasks({ tasks, plans }: PackageView): Problem[] {
  const used = new Set(plans.flatMap((plan) => usesOf(plan).map(({ task }) => task)));
  return tasks
    .filter(({ name }) => !used.has(name))
    .map(({ name, at }) => finding('task-unused', at('name'), `no plan uses task ${name}`));
}

function emptyParts({ name, phases, place }: PlacedPlan, { source }: PackageView): Problem[] {
  if (!phases?.length) return [finding('plan-empty', place, `plan ${name} has no phases`)];
  return phases.flatMap((phase, p) => {
    const path = ['plans', name, 'phases', p] as const;
    if (!phase.steps?.length) {
      const message = `phase ${phase.name} of plan ${name} has no steps`;
      return [finding('plan-empty', operatorPlace(source, path), message)];
    }
    return phase.steps.flatMap((step, s) => {
      if (step.tasks?.length) return [];
      const message = `step ${step.name} of plan ${name} has no tasks`;
      return [finding('plan-empty', operatorPlace(source, [...path, 'steps', s]), message)];
    });
  });
}

function repeatedNames({ name, phases }: PlacedPlan, { source }: PackageView): Problem[] {
  const path = ['plans', name, 'phases'] as const;
  const told = (what: string, at: readonly (string | number)[]): Problem => {
    const message = `plan ${name} has two ${what}; the second never runs`;
    return finding('plan-repeated-name', operatorPlace(source, [...path, ...at, 'name']), message);
  };
  return (phases ?? []).flatMap((phase, p, all) => [
    ...(isRepeated(all, p) ? [told(`phases ${phase.name}`, [p])] : []),
    ...(phase.steps ?? []).flatMap((step, s, steps) =>
      isRepeated(steps, s)
        ? [told(`steps ${step.name} in phase ${phase.name}`, [p, 'steps', s])]
        : [],
    ),
  ]);
}

function isRepeated(items: readonly { readonly name: string }[], index: number): boolean {
  return items.findIndex(({ name }) => name === items[index]?.name) < index;
}

function undefinedTasks(plan: PlacedPlan, { source, tasks }: PackageView): Problem[] {
  const known = new Set(tasks.map(({ name }) => name));
  return usesOf(plan)
    .filter(({ task }) => !known.has(task))
    .map(({ task, path }) => {
      const message = `plan ${plan.name} uses task ${task}, which is not defined`;
      return finding('task-undefined', operatorPlace(source, path), message);
    });
}

/** A key that two pipes of one plan share is refused (instance_controller.go:468-504). */
function pipeKeys(plan: PlacedPlan, { source, tasks }: PackageView): Problem[] {
  const seen = new Set<string>();
  return usesOf(plan).flatMap(({ task, path }) => {
    const found = tasks.find(({ name }) => name === task);
    const files = found?.kind === 'Pipe' ? (found.spec.pipe ?? []) : [];
    return files.flatMap(({ key = '' }) => {
      const isNew = !seen.has(key);
      seen.add(key);
      if (isNew) return [];
      const message = `plan ${plan.name} pipes two files with the key ${key}`;
      return [finding('task-pipe-key', operatorPlace(source, path), message)];
    });
  });
}

/** What Dummy tasks make of a plan (task_dummy.go). */
function outcomeFindings(plan: PlacedPlan, { source, tasks }: PackageView): Problem[] {
  const uses = usesOf(plan).flatMap(({ task, path }) => {
    const found = tasks.find(({ name }) => name === task);
    return found ? [{ task: found, place: operatorPlace(source, path) }] : [];
  });
  const endless = uses.find(({ task }) => isEndless(task));
  if (endless) return [endlessFinding(plan.name, endless)];
  const doesNothing =
    uses.length > 0 && uses.every(({ task: { kind, spec } }) => kind === 'Dummy' && !spec.wantErr);
  if (!doesNothing) return [];
  const message = `plan ${plan.name} only has Dummy tasks: it succeeds and changes nothing`;
  return [finding('plan-does-nothing', plan.place, message)];
}

function isEndless({ kind, spec }: Task): boolean {
  return kind === 'Dummy' && (spec.wantErr === true ? spec.fatal !== true : spec.done !== true);
}

function endlessFinding(
  plan: string,
  { task, place }: { readonly task: Task; readonly place: PackagePlace },
): Problem {
  const how = task.spec.wantErr === true ? 'fails again and again' : 'never finishes';
  const message = `plan ${plan} never ends: its Dummy task ${task.name} ${how}`;
  return finding('plan-never-ends', place, message);
}

/** The tasks that a plan names, in order, and where. */
function usesOf({ name, phases }: Plan & { readonly name: string }): {
  readonly task: string;
  readonly path: readonly (string | number)[];
}[] {
  return (phases ?? []).flatMap((phase, p) =>
    (phase.steps ?? []).flatMap((step, s) =>
      (step.tasks ?? []).map((task, t) => ({
        task,
        path: ['plans', name, 'phases', p, 'steps', s, 'tasks', t],
      })),
    ),
  );
}
