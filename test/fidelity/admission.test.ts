import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admitCreate } from '../../src/kudo/admit-create.ts';
import { admitUpdate } from '../../src/kudo/admit-update.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import { admissionCase, type AdmissionCase } from './admission-cases.ts';
import { startOracle, type Oracle } from './oracle.ts';

const RUNS = Number(process.env['FIDELITY_CASES'] ?? 100_000);
/** KUDO walks Go maps: it is asked again until it has given all of its answers. */
const ASK_AGAIN = 60;

let oracle: Oracle;
beforeAll(async () => {
  oracle = await startOracle();
});
afterAll(() => {
  oracle.stop();
});

test(`${RUNS} random writes of Instances are admitted, refused and changed as KUDO does it`, async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(admissionCase, async (given) => {
      const ours = ourAnswer(given);
      count(seen, ours, given);
      let theirs = await kudosAnswer(given);
      for (let round = 0; round < ASK_AGAIN && theirs !== ours && isDenial(theirs); round += 1)
        theirs = await kudosAnswer(given);
      expect(ours).toBe(theirs);
    }),
    { numRuns: RUNS },
  );
  const rows = OUTCOMES.map(([name]) => `${String(seen.get(name) ?? 0).padStart(7)}  ${name}`);
  process.stderr.write(`\nadmission: how often each answer was reached\n${rows.join('\n')}\n`);
  expect(OUTCOMES.map(([name]) => name).filter((name) => !seen.has(name))).toEqual([]);
}, 600_000);

interface Answer {
  readonly allowed: boolean;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly instance?: Instance;
}

/** Everything that must be equal, as text, so that answers can be compared and shown. */
function answerText({ allowed, code, message, instance }: Answer): string {
  return JSON.stringify(
    allowed && instance ? { allowed, ...stored(instance) } : { allowed, code, message },
  );
}

function stored({ spec, metadata }: Instance): object {
  const { planName = '', uid = '', status = '' } = spec?.planExecution ?? {};
  return {
    plan: [planName, ['', 'u1', 'u2', 'u3'].includes(uid) ? uid : 'fresh', status],
    parameters: sorted(spec?.parameters),
    operatorVersion: spec?.operatorVersion,
    finalizers: metadata.finalizers ?? [],
  };
}

function sorted(parameters: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function ourAnswer({ before, after, operatorVersions }: AdmissionCase): string {
  const context = {
    findOperatorVersion: (namespace: string, name: string) =>
      operatorVersions.find(
        ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
      ),
    newUid: () => 'fresh',
  };
  return answerText(before ? admitUpdate(before, after, context) : admitCreate(after, context));
}

async function kudosAnswer({ before, after, operatorVersions }: AdmissionCase): Promise<string> {
  const [object, oldObject] = [sortedKeys(after), before && sortedKeys(before)];
  const answer = await oracle.ask({ op: 'admit', object, oldObject, operatorVersions });
  return answerText({
    allowed: answer['allowed'] === true,
    code: answer['code'],
    message: answer['message'],
    instance: answer['object'] as Instance,
  });
}

/** The API server writes the keys of a map in order, and Go's maps remember something of it. */
function sortedKeys(instance: Instance): Instance {
  const parameters = Object.fromEntries(sorted(instance.spec?.parameters));
  return { ...instance, spec: { ...instance.spec, parameters } };
}

function isDenial(answer: string): boolean {
  return answer.startsWith('{"allowed":false');
}

/** Each row of the table above admitUpdate and each denial, with what shows that it was reached. */
const OUTCOMES: readonly (readonly [string, RegExp])[] = [
  ['create: deploy scheduled', /^create .*"allowed":true/],
  ['create: finalizer added', /^create .*kudo\.dev\.instance\.cleanup/],
  ['create: no deploy plan', /^create .*couldn't find 'deploy' plan/],
  ['create: parameters are not valid', /^create .*parameters are not valid/],
  ['missing OperatorVersion', /"code":500/],
  ['plan does not exist', /plan \w+ does not exist/],
  ['unknown parameter', /failed to find parameter/],
  ['immutable parameter changed', /is immutable but was changed/],
  ['parameter became immutable', /was changed to immutable/],
  ['immutable parameter added', /was added in operator version [^,]+, but no value was provided"/],
  ['immutable parameter with default added', /default would be/],
  ['required parameter', /required but has no value/],
  ['integer', /strconv\.ParseInt/],
  ['number', /strconv\.ParseFloat/],
  ['boolean', /strconv\.ParseBool/],
  ['array', /type is \\\\?"array/],
  ['map', /type is \\\\?"map/],
  ['enum', /only allowed values are/],
  ['trigger plan not defined', /defined trigger plan/],
  ['no plan for an update', /couldn't find any plans/],
  ['multiple plans', /triggering multiple plans/],
  ['deleting: cleanup overridden', /can not be cancelled or overridden/],
  ['deleting: parameter or upgrade', /parameter update and\/or upgrade is not allowed/],
  ['deleting: other plan', /only 'cleanup' plan can be scheduled/],
  ['row 1: another plan', /would trigger a different plan/],
  ['row 2: upgrade while a plan runs', /while a plan '\w+' is scheduled/],
  ['row 3: upgrade and plan', /and triggering new plan/],
  ['row 4: upgrade and parameters', /together with a parameter update/],
  ['row 5: override', /overriding currently/],
  ['row 6: cancel', /cancelling currently/],
  ['row 7: plan and parameters', /triggering one plan/],
  ['row 8: cleanup', /only the controller schedules/],
  ['row 9: no plan for an upgrade', /couldn't find any suitable plan/],
  ['row 9: upgrade scheduled', /^update .*"fresh","NEVER_RUN".* row 9$/],
  ['row 10: plan of a parameter scheduled', /^update .*"fresh","NEVER_RUN".* row 10$/],
  ['row 11: plan asked for scheduled', /^update .*"fresh","NEVER_RUN".* row 11$/],
  ['row 12: cleared', /^update .*cleared/],
  ['row 13: plan restarted', /^update .*"fresh","NEVER_RUN".* row 13$/],
  ['row 14: unchanged', /^update .*unchanged/],
];

function count(seen: Map<string, number>, answer: string, given: AdmissionCase): void {
  const text = `${given.before ? 'update' : 'create'} ${answer} ${effectOf(answer, given)}`;
  const reached = OUTCOMES.filter(([, pattern]) => pattern.test(text));
  for (const [name] of reached) seen.set(name, (seen.get(name) ?? 0) + 1);
}

function effectOf(answer: string, { before, after }: AdmissionCase): string {
  if (isDenial(answer) || before === undefined) return '';
  if (answer.includes('"fresh"')) return scheduledBy(before, after);
  const hadPlan = (after.spec?.planExecution?.planName ?? '') !== '';
  return hadPlan && answer.includes('"plan":["","",""]') ? 'cleared' : 'unchanged';
}

/** The row by what the write changed: the first that fits is KUDO's. */
function scheduledBy(before: Instance, after: Instance): string {
  const isSame = (part: (instance: Instance) => unknown): boolean =>
    JSON.stringify(part(before)) === JSON.stringify(part(after));
  if (!isSame(({ spec }) => spec?.operatorVersion)) return 'row 9';
  if (!isSame(({ spec }) => sorted(spec?.parameters))) return 'row 10';
  return isSame(({ spec }) => spec?.planExecution?.planName) ? 'row 13' : 'row 11';
}
