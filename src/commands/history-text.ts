import type { HistoryEntry, HistoryRun, InstanceHistory } from '../audit/join-history.ts';
import { describeEdit } from '../model/change.ts';
import { shortOid } from '../model/revision.ts';
import type { ChangeState } from '../model/rollout.ts';
import { counted } from './output.ts';
import { humanDuration } from '../sandbox/human-age.ts';
import type { Styles } from './styles.ts';
import { oneLine } from './table.ts';

/** The history of an Instance for people, newest commit first. */
export function historyText(
  { entries, otherRuns }: InstanceHistory,
  { key, sync }: { readonly key: string; readonly sync: string },
  styles: Styles,
): string {
  if (entries.length === 0 && otherRuns.length === 0) {
    return `no commit of sync/${sync} that was looked at changed ${key}\n`;
  }
  const blocks = entries.map((entry) => entryText(entry, styles));
  const others =
    otherRuns.length === 0
      ? []
      : [`Runs for commits that are not in this history\n${runLines(otherRuns, styles).join('')}`];
  return [...blocks, ...others].join('\n');
}

const INDENT = '         ';

function entryText(entry: HistoryEntry, styles: Styles): string {
  const { commit, merged } = entry;
  const who = [
    commit.author.name,
    ...(merged && merged.author.name !== commit.author.name
      ? [`merging ${shortOid(merged.oid)} of ${merged.author.name}`]
      : []),
  ].join(', ');
  const head = `${styles.yellow(shortOid(commit.oid))}  ${minuteOf(commit.committedAt)}  ${styles.bold(oneLine(who))}: ${oneLine(commit.subject)}\n`;
  const lines = changeLines(entry).map((line) => `${INDENT}${line}\n`);
  return [head, ...lines, ...outcomeLines(entry, styles)].join('');
}

function changeLines({ kind, operatorVersion, edits }: HistoryEntry): string[] {
  const { from, to } = operatorVersion ?? {};
  const version =
    kind === 'created'
      ? [`created at ${to ?? ''}`]
      : kind === 'removed'
        ? ['removed from Git']
        : from !== undefined && to !== undefined
          ? [`upgrade ${from} → ${to}`]
          : [];
  const parameters =
    kind === 'created' || kind === 'removed'
      ? edits.length > 0
        ? [counted(edits.length, 'parameter')]
        : []
      : edits.map((edit) => oneLine(describeEdit(edit)));
  return [...version.map(oneLine), ...parameters];
}

function outcomeLines({ runs, commit, rolledOutWith }: HistoryEntry, styles: Styles): string[] {
  if (runs.length > 0) return runLines(runs, styles);
  const text =
    rolledOutWith === undefined
      ? 'not rolled out, or its rollout is no longer kept'
      : rolledOutWith === commit.oid
        ? 'nothing had to run'
        : `pushed together with ${shortOid(rolledOutWith)}; nothing had to run`;
  return [`${INDENT}${styles.dim(text)}\n`];
}

function runLines(runs: readonly HistoryRun[], styles: Styles): string[] {
  return runs.map((run) => `${INDENT}${runText(run, styles)}\n`);
}

const MARKS: Readonly<Record<ChangeState, string>> = {
  planned: '+',
  waiting: '◌',
  sending: '◎',
  running: '◎',
  succeeded: '✔',
  failed: '✗',
  held: '◌',
  restarted: '·',
  moved: '·',
};

function runText(run: HistoryRun, styles: Styles): string {
  const plan = run.plan === '-' ? 'no plan' : `plan ${run.plan}`;
  const took = durationOf(run);
  const again = run.attempt > 1 ? `, attempt ${run.attempt}` : '';
  const words = `${MARKS[run.state]} ${plan} ${run.state}${took}${again}`;
  const text = run.message === undefined ? words : `${words}: ${oneLine(run.message)}`;
  if (run.state === 'succeeded') return styles.green(text);
  return run.state === 'failed' ? styles.red(text) : text;
}

function durationOf({ startedAt, finishedAt }: HistoryRun): string {
  const ms = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '');
  if (Number.isNaN(ms)) return '';
  return ms < 1_000 ? ' in under a second' : ` after ${humanDuration(ms)}`;
}

/** `2026-03-01 12:30Z` */
function minuteOf(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? time : `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}
