import type { OperatorVersion, Plan } from '../kudo/objects.ts';

/**
 * `.Pipes` of templates: the names of the plan's pipe artefacts by key; a key that two pipes share
 * is refused (instance_controller.go:468-504).
 */
export function pipesOf(
  instanceName: string,
  planName: string,
  plan: Plan,
  { spec }: OperatorVersion,
):
  | { readonly ok: true; readonly names: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly reason: string } {
  const names = new Map<string, string>();
  for (const { place, taskName } of placesOf(planName, plan)) {
    const task = (spec?.tasks ?? []).find(({ name }) => name === taskName);
    if (task?.kind !== 'Pipe') continue;
    for (const { key = '' } of task.spec.pipe ?? []) {
      if (names.has(key)) return { ok: false, reason: `duplicated pipe key ${key}` };
      names.set(key, [instanceName, ...place, key].map(plainName).join('.'));
    }
  }
  return { ok: true, names: Object.fromEntries(names) };
}

function placesOf(planName: string, plan: Plan): { place: string[]; taskName: string }[] {
  return (plan.phases ?? []).flatMap((phase) =>
    (phase.steps ?? []).flatMap((step) =>
      (step.tasks ?? []).map((taskName) => ({
        place: [planName, phase.name, step.name, taskName],
        taskName,
      })),
    ),
  );
}

/** A part of an artefact's name: lower case letters and digits only (task/task_pipe.go:451-461). */
function plainName(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');
}
