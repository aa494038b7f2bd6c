import type { Instance, OperatorVersion, Plan } from '../../src/kudo/objects.ts';
import { runningPlan } from '../../src/kudo/plan-status.ts';
import type { ChangeRecord, Rollout } from '../../src/model/rollout.ts';
import type { NumberedRecord } from '../../src/plan/instance-situation.ts';

/** How an Instance stands towards the newest commit. */
export type Standing =
  | { readonly kind: 'open'; readonly why: string }
  /** Not as Git says, and the Rollout says why. */
  | { readonly kind: 'stated'; readonly why: string }
  | { readonly kind: 'converged' };

interface RandomMember {
  readonly versions: readonly [OperatorVersion, OperatorVersion];
}

/** The changes of one Instance in a Rollout, with their numbers. */
export function numberedChanges(
  rollout: Rollout | undefined,
  instance: string,
): readonly NumberedRecord[] {
  const prefix = `${instance}/`;
  return Object.entries(rollout?.status?.changes ?? {})
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, record]) => ({ n: Number(key.slice(prefix.length)), record }));
}

const DONE: ReadonlySet<string> = new Set(['succeeded', 'restarted', 'moved']);

/** Not at its end and not about to wait for something that has none. */
export function isOpen({ state }: ChangeRecord, isStuck: boolean): boolean {
  if (state === 'sending') return true;
  const isUnder = state === 'planned' || state === 'running' || state === 'waiting';
  return isUnder && !isStuck;
}

/** Names of the Instances and PlanRuns that a message speaks of. */
export const namesIn = (message: string | undefined): readonly string[] =>
  (message ?? '').match(/\b(?:i\d+|r\d+-\d+)\b/g) ?? [];

/** A plan runs that applies what never gets ready. */
export function hangs(live: Instance, { versions }: RandomMember): boolean {
  const { operatorVersion, parameters } = live.spec ?? {};
  const version = versions.find(({ metadata }) => metadata.name === operatorVersion?.name);
  const plan = version?.spec?.plans?.[runningPlan(live)?.plan ?? ''];
  return parameters?.['OUTCOME'] === 'fail' && stepNames(plan).includes('server');
}

const stepNames = (plan: Plan | null | undefined): readonly string[] =>
  (plan?.phases ?? []).flatMap(({ steps }) => (steps ?? []).map(({ name }) => name));

/** What the Rollout says of an Instance that is not as Git says. */
export function stated(
  name: string,
  records: readonly ChangeRecord[],
  rollout: Rollout,
): Standing | undefined {
  const record = records.find(({ state }) => !DONE.has(state));
  if (record) return statement(record, rollout);
  const problem = rollout.status?.problems?.find((text) => text.startsWith(`${name}.yaml:`));
  return problem === undefined ? undefined : { kind: 'stated', why: problem };
}

function statement({ plan, state, message = '' }: ChangeRecord, { status }: Rollout): Standing {
  const why = `${plan} ${state}: ${message}`;
  const isSaid = state === 'running' || state === 'planned' || message !== '';
  const isRight = status?.phase === 'failed' || status?.phase === 'progressing';
  return isSaid && isRight ? { kind: 'stated', why } : { kind: 'open', why: `unsaid: ${why}` };
}
