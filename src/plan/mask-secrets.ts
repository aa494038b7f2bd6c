import { parametersOf } from '../kudo/find-parameter.ts';
import type { Instance, OperatorVersion, PlanStatus } from '../kudo/objects.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { secretNamesIn } from './parameter-edits.ts';
import { secretSpellings, SHORT, WHOLE } from './secret-spellings.ts';

/** Where the names of secret parameters and their values stand; what is not there is undefined. */
export interface SecretSources {
  readonly desired?: Pick<DesiredInstance, 'annotations' | 'parameters'> | undefined;
  readonly observed?: Instance | undefined;
  /** Those that Git and the cluster refer to. */
  readonly versions: readonly (OperatorVersion | undefined)[];
}

/** Every secret value of an Instance, as Git and the cluster have it, and as it is when nobody sets it. */
export function secretValues({ desired, observed, versions }: SecretSources): readonly string[] {
  const lists = [
    desired?.annotations,
    ...[observed, ...versions].map((one) => one?.metadata.annotations),
  ];
  const names = new Set(lists.flatMap(secretNamesIn));
  if (names.size === 0) return [];
  const given = [desired?.parameters, observed?.spec?.parameters].flatMap((parameters) =>
    [...names].flatMap((name) => parameters?.[name] ?? []),
  );
  const defaults = versions
    .flatMap((version) => (version ? parametersOf(version) : []))
    .flatMap((parameter) => (names.has(parameter.name) ? (parameter.default ?? []) : []));
  // Every other word may be the same as a short default.
  const long = defaults.filter((value) => value.length > SHORT);
  return [...new Set([...given, ...long])].filter((value) => value.trim() !== '');
}

/**
 * `text` without the secret values that an answer of KUDO or a failing step may quote in it: whole, line by
 * line, cut, or encoded.
 */
export function maskSecrets(text: string, values: readonly string[]): string {
  if (values.length === 0 || text === '') return text;
  const spellings = new Set(values.flatMap(secretSpellings));
  const longestFirst = [...spellings].toSorted((a, b) => b.length - a.length);
  return longestFirst.reduce((left, spelling) => maskEnd(maskOne(left, spelling), spelling), text);
}

/** The Instance as it may be quoted: what its plans say is without secret values. */
export function maskPlans(instance: Instance, values: readonly string[]): Instance {
  const runs = instance.status?.planStatus;
  if (values.length === 0 || !runs) return instance;
  const masked = Object.entries(runs).map(([plan, run]) => [plan, maskPlanStatus(run, values)]);
  const planStatus = Object.fromEntries(masked) as typeof runs;
  return { ...instance, status: { ...instance.status, planStatus } };
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

const MASK = '***';

function maskOne(text: string, spelling: string): string {
  if (spelling.length < SHORT) {
    const escaped = spelling.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    return text.replace(new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, 'g'), MASK);
  }
  if (spelling.length <= WHOLE) return text.replaceAll(spelling, MASK);
  return maskBegun(text, spelling);
}

/** A long value counts from its first characters on, as far as the text has it: quotes of it are cut. */
function maskBegun(text: string, spelling: string): string {
  const begin = spelling.slice(0, WHOLE);
  let masked = '';
  let from = 0;
  for (let at = text.indexOf(begin); at !== -1; at = text.indexOf(begin, from)) {
    let length = WHOLE;
    while (length < spelling.length && text[at + length] === spelling[length]) length += 1;
    masked += text.slice(from, at) + MASK;
    from = at + length;
  }
  return masked + text.slice(from);
}

/** What was cut off within a value ends with its beginning. */
function maskEnd(text: string, spelling: string): string {
  const [ellipsis = ''] = /(?:…|\.\.\.)$/.exec(text) ?? [];
  if (ellipsis === '') return text;
  const said = text.slice(0, -ellipsis.length);
  for (let length = Math.min(spelling.length, said.length); length >= SHORT; length -= 1) {
    if (said.endsWith(spelling.slice(0, length))) return said.slice(0, -length) + MASK + ellipsis;
  }
  return text;
}
