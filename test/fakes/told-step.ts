import { ANNOTATION } from '../../src/model/names.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import type { InstanceSituation, NumberedRecord } from '../../src/plan/instance-situation.ts';
import { nextStep, type InstanceStep } from '../../src/plan/next-step.ts';
import { ROLLOUT_UID, situation } from '../builders.ts';

/** `sends 0 plain`, and each stored record as `0 sending: message`. */
function told({ records, send, lookAgainMs }: InstanceStep): readonly string[] {
  const stored = [...records].map(([n, one]) =>
    one === undefined
      ? `${String(n)} dropped`
      : [`${String(n)} ${one.state}`, ...(one.message ? [one.message] : [])].join(': '),
  );
  const sends = send ? [`sends ${String(send.n)} ${send.mode.kind}`] : [];
  const looks = lookAgainMs === undefined ? [] : [`looks again in ${String(lookAgainMs)}`];
  return [...stored, ...sends, ...looks];
}

/** The next step in words: what is stored, what is sent, when to look again. */
export const stepOf = (more: Partial<InstanceSituation>): readonly string[] =>
  told(nextStep(situation(more)));

/** Records numbered from 0. */
export const numbered = (...records: readonly ChangeRecord[]): readonly NumberedRecord[] =>
  records.map((one, n) => ({ n, record: one }));

/** The annotation that our write of a change of plan `update` leaves. */
export const tokenOf = (n: number, attempt = 1, uidBefore = '-'): Record<string, string> => ({
  [ANNOTATION.change]: `${ROLLOUT_UID}/${String(n)}/${String(attempt)} update ${uidBefore}`,
});
