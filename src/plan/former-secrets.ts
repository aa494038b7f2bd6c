import type { Instance, PlanStatus } from '../kudo/objects.ts';
import { parametersWrittenAt } from '../model/field-author.ts';

/** Takes the place of a text that may quote a secret value which has been changed since. */
export const NOT_SHOWN = '*** (said before the parameters were last written)';

/**
 * True for what was said of an Instance before its parameters were last written: it may quote a secret value
 * that is theirs no longer, and that nobody can tell from other words.
 *
 * @param saidAt ISO 8601; what has no time may be from any
 */
export function mayQuoteFormer(instance: Instance, saidAt: string | null | undefined): boolean {
  const writtenAt = parametersWrittenAt(instance);
  if (writtenAt === undefined) return false;
  const said = Date.parse(saidAt ?? '');
  // Kubernetes tells whole seconds.
  return Number.isNaN(said) || said < Date.parse(writtenAt);
}

/** The status of a plan of an Instance that has secret parameters, without texts that may quote a former value. */
export function withoutFormerTexts(instance: Instance, run: PlanStatus): PlanStatus {
  if (!mayQuoteFormer(instance, run.lastUpdatedTimestamp)) return run;
  const phases = run.phases?.map((phase) => ({
    ...hidden(phase),
    ...(phase.steps ? { steps: phase.steps.map(hidden) } : {}),
  }));
  return { ...hidden(run), ...(phases ? { phases } : {}) };
}

const hidden = <T extends { readonly message?: string | undefined }>(at: T): T =>
  at.message ? { ...at, message: NOT_SHOWN } : at;

/** The same of every plan. */
export function withoutFormerPlanTexts(instance: Instance): Instance {
  const runs = Object.entries(instance.status?.planStatus ?? {});
  if (runs.length === 0) return instance;
  const shown = runs.map(([plan, run]) => [plan, withoutFormerTexts(instance, run)] as const);
  return { ...instance, status: { ...instance.status, planStatus: Object.fromEntries(shown) } };
}
