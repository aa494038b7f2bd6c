import type { CommentStyle } from '../forge/forge.ts';
import {
  describeChange,
  describeUpgrade,
  editsOf,
  type Change,
  type InstancePlan,
} from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { Problem } from '../model/problem.ts';
import { shortOid } from '../model/revision.ts';
import { editDiff } from './edit-diff.ts';
import { codeBlock, codeSpan, escapeHtml } from './markdown.ts';

/** What merging a pull request would do to one Sync's Instances, computed and not applied. */
export interface Preview {
  /** `<cluster>/<namespace>/<sync>`. */
  readonly target: string;
  /** 40 hex digits. */
  readonly headSha: string;
  readonly plans: readonly InstancePlan[];
  /** Names of the phases of a change's plan, where they are known. */
  readonly phases?: ReadonlyMap<Change, readonly string[]> | undefined;
  /** What is wrong with the files; problems of Instances stand in their plans. */
  readonly problems: readonly Problem[];
  /** Plans that PlanRuns and PlanSchedules would run, one sentence each. */
  readonly runs?: readonly string[] | undefined;
  readonly notes: readonly string[];
  /** True for the head of another repository: its author must not learn the cluster's values. */
  readonly hidesLiveValues: boolean;
  /** Names of a new Instance's parameters whose values are secret. */
  readonly secretsOf: (desired: DesiredInstance) => ReadonlySet<string>;
}

/** GitHub takes 65,536 characters. */
export const MAX_COMMENT = 60_000;

const GITHUB_STYLE: CommentStyle = { maxLength: MAX_COMMENT, rendersHtml: true };

/** Of the whole comment. */
const PROBLEMS_SHARE = 1 / 3;
const NOTES_SHARE = 2 / 15;
const RUNS_SHARE = 0.1;
const MAX_TEXT = 400;
const MAX_PHASES = 8;

/** The hidden line by which the comment of a Sync is found again: without HTML a link to nowhere, which nobody sees. */
export function previewMarker(target: string, style: CommentStyle = GITHUB_STYLE): string {
  const text = `kudo-gitops preview ${target.replaceAll(/[^\w./-]/g, '')}`;
  return style.rendersHtml ? `<!-- ${text} -->` : `[//]: # (${text})\n`;
}

/** The preview as Markdown, no longer than the forge takes, cut at whole Instances. */
export function previewComment(preview: Preview, style: CommentStyle = GITHUB_STYLE): string {
  const { target, headSha } = preview;
  const head = [
    previewMarker(target, style),
    `### Merging \`${shortOid(headSha)}\` into ${codeSpan(target)}`,
    '',
    `**${countsText(preview)}**`,
  ].join('\n');
  const { maxLength } = style;
  const tail = [
    runList(preview, maxLength * RUNS_SHARE),
    problemList(allProblems(preview), maxLength * PROBLEMS_SHARE),
    noteList(preview, maxLength * NOTES_SHARE),
  ]
    .filter((part) => part !== '')
    .map((part) => `\n\n${part}`)
    .join('');
  return `${head}${instanceList(preview, style, maxLength - head.length - tail.length)}${tail}\n`;
}

/** `3 changes on 2 Instances, 1 problem`, or that nothing changes. */
export function countsText({ plans, runs = [], ...preview }: Preview): string {
  const changing = plans.filter((plan) => !isBlocked(plan) && plan.changes.length > 0);
  const changes = changing.reduce((sum, plan) => sum + plan.changes.length, 0);
  const errors = allProblems({ ...preview, plans }).filter(isError).length;
  const parts = [
    changes === 0
      ? 'no changes'
      : `${counted(changes, 'change')} on ${counted(changing.length, 'Instance')}`,
    ...(runs.length === 0 ? [] : [counted(runs.length, 'plan run')]),
    ...(errors === 0 ? [] : [counted(errors, 'problem')]),
  ];
  return parts.join(', ');
}

/** True when something in it must be repaired before a merge does what it says. */
export function hasErrors(preview: Preview): boolean {
  return allProblems(preview).some(isError);
}

function allProblems({ problems, plans }: Pick<Preview, 'problems' | 'plans'>): readonly Problem[] {
  return [...problems, ...plans.flatMap((plan) => plan.problems)];
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

function isBlocked(plan: InstancePlan): boolean {
  return plan.problems.some(isError);
}

/** Rows and folds of as many Instances as `room` characters hold. */
function instanceList(preview: Preview, style: CommentStyle, room: number): string {
  const plans = preview.plans.filter((plan) => plan.changes.length > 0 || isBlocked(plan));
  if (plans.length === 0) return '';
  const rows = ['\n', '| Instance | change | plan |', '|---|---|---|'];
  const folds: string[] = [];
  let left = room - 200;
  for (const [index, plan] of plans.entries()) {
    const [ownRows, ownFold] = [rowsOf(plan, preview), foldOf(plan, preview, style)];
    const size = [...ownRows, ownFold].reduce((sum, part) => sum + part.length + 2, 0);
    if (size > left) {
      folds.push(
        `… and ${counted(plans.length - index, 'more Instance')}, for which there is no room here.`,
      );
      break;
    }
    left -= size;
    rows.push(...ownRows);
    if (ownFold !== '') folds.push(ownFold);
  }
  return [rows.join('\n'), ...folds].join('\n\n');
}

function rowsOf(plan: InstancePlan, { phases }: Preview): readonly string[] {
  const name = codeSpan(plan.key);
  if (isBlocked(plan)) return [`| ${name} | left as it is, see the problems | – |`];
  return plan.changes.map((change, index) => {
    const after = index === 0 ? afterText(plan) : '';
    const cells = [index === 0 ? name : '', shortText(change) + after, planText(change, phases)];
    return `| ${cells.join(' | ')} |`;
  });
}

/** ` after zookeeper`: the Instances whose plans must have ended well before. */
function afterText({ waitsFor = [] }: InstancePlan): string {
  if (waitsFor.length === 0) return '';
  const shown = waitsFor.slice(0, MAX_PHASES).map((key) => codeSpan(key));
  const left = waitsFor.length - shown.length;
  return ` after ${[...shown, ...(left > 0 ? [`${left} more`] : [])].join(', ')}`;
}

function shortText(change: Change): string {
  if (change.kind === 'upgrade') {
    return codeSpan(describeUpgrade(change));
  }
  if (change.kind !== 'set-parameters') return codeSpan(describeChange(change));
  const names = change.edits.map(({ name }) => name);
  const shown = names.slice(0, 5).join(', ');
  return codeSpan(names.length > 5 ? `${shown} and ${names.length - 5} more` : shown);
}

/** `update: config → nodes` where the phases are known. */
function planText(change: Change, phases: Preview['phases']): string {
  if (change.plan === '-') return 'none';
  const names = phases?.get(change) ?? [];
  if (names.length === 0) return codeSpan(change.plan);
  const shown = [...names.slice(0, MAX_PHASES), ...(names.length > MAX_PHASES ? ['…'] : [])];
  return cutSpan(`${change.plan}: ${shown.join(' → ')}`);
}

function foldOf(plan: InstancePlan, preview: Preview, { rendersHtml }: CommentStyle): string {
  if (isBlocked(plan)) return '';
  const lines = plan.changes.flatMap((change) => diffOf(change, preview));
  if (lines.length === 0) return '';
  if (!rendersHtml) return `${codeSpan(plan.key)}: parameters\n\n${codeBlock('diff', lines)}`;
  const summary = `<summary>${escapeHtml(plan.key)}: parameters</summary>`;
  return `<details>${summary}\n\n${codeBlock('diff', lines)}\n\n</details>`;
}

function diffOf(change: Change, { hidesLiveValues, secretsOf }: Preview): readonly string[] {
  if (change.kind !== 'create') {
    return editsOf(change).flatMap((edit) => editDiff(edit, hidesLiveValues));
  }
  const secrets = secretsOf(change.desired);
  return Object.entries(change.desired.parameters).flatMap(([name, to]) =>
    editDiff({ name, from: undefined, to, secret: secrets.has(name) }, hidesLiveValues),
  );
}

function problemList(problems: readonly Problem[], room: number): string {
  const lines = problems.map(({ severity, message, hint, ...place }) => {
    const where = cutSpan(`${place.file}:${place.line}:${place.column}`);
    const advice = hint === undefined ? '' : ` → ${cutSpan(hint)}`;
    return `- ${severity === 'error' ? '❌' : '⚠️'} ${where} ${cutSpan(message)}${advice}`;
  });
  return listWithin(lines, room);
}

function runList({ runs = [] }: Preview, room: number): string {
  return listWithin(
    runs.map((run) => `- ▶️ ${cutSpan(run)}`),
    room,
  );
}

function noteList({ notes, plans, hidesLiveValues }: Preview, room: number): string {
  const all = hidesLiveValues ? notes : [...notes, ...plans.flatMap((plan) => plan.notes)];
  return listWithin(
    all.map((note) => `- ${cutSpan(note)}`),
    room,
  );
}

function cutSpan(text: string): string {
  return codeSpan(text.slice(0, MAX_TEXT));
}

function listWithin(lines: readonly string[], room: number): string {
  const kept: string[] = [];
  let left = room;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) return [...kept, `- … and ${lines.length - kept.length} more`].join('\n');
    kept.push(line);
  }
  return kept.join('\n');
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
