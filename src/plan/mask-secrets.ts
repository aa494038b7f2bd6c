import type { Instance, OperatorVersion, PlanStatus } from '../kudo/objects.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { secretNames } from './parameter-edits.ts';

/** Longest part of a value that messages quote before they cut it (kudo/never-admitted.ts). */
const QUOTED = 60;
const SHORT = 4;

/** Every secret value of an Instance, as Git and the cluster have it. */
export function secretValues(
  desired: Pick<DesiredInstance, 'annotations' | 'parameters'> | undefined,
  observed: Instance | undefined,
  operatorVersion: OperatorVersion | undefined,
): readonly string[] {
  const names = [desired?.annotations, observed?.metadata.annotations].flatMap((annotations) => [
    ...secretNames({ annotations: annotations ?? {} }, operatorVersion),
  ]);
  const sources = [desired?.parameters, observed?.spec?.parameters];
  const values = names.flatMap((name) => sources.flatMap((source) => source?.[name] ?? []));
  return [...new Set(values)].filter((value) => value.trim() !== '');
}

/** `text` without the secret values that an answer of KUDO or a failing step may quote in it. */
export function maskSecrets(text: string, values: readonly string[]): string {
  const spellings = values
    .flatMap((value) => [value, value.trim(), value.slice(0, QUOTED)])
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);
  const longestFirst = [...new Set(spellings)].toSorted((a, b) => b.length - a.length);
  return longestFirst.reduce(maskOne, text);
}

/** The status of a plan, whose steps may say anything, without secret values. */
export function maskPlanStatus(status: PlanStatus, values: readonly string[]): PlanStatus {
  const masked = <T extends { readonly message?: string | undefined }>(at: T): T =>
    at.message === undefined ? at : { ...at, message: maskSecrets(at.message, values) };
  const phases = status.phases?.map((phase) => ({
    ...masked(phase),
    ...(phase.steps ? { steps: phase.steps.map(masked) } : {}),
  }));
  return { ...masked(status), ...(phases ? { phases } : {}) };
}

function maskOne(text: string, value: string): string {
  if (value.length >= SHORT) return text.replaceAll(value, '***');
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return text.replace(new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, 'g'), '***');
}
