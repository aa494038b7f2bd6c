import { oidOf, shortOid } from '../model/revision.ts';
import type { ChangeRecord, Rollout } from '../model/rollout.ts';

/**
 * What is new in a Rollout since it was last looked at, one line each: the revision, planned changes,
 * plan → phase → step, verdict. The same lines are a demo's terminal and a pusher's `remote:` lines.
 */
export function rolloutLines(before: Rollout | undefined, after: Rollout): readonly string[] {
  return [
    ...(before ? [] : [opening(after)]),
    ...changeLines(before, after),
    ...news(before?.status?.problems, after.status?.problems).map((text) => `  ✗ ${text}`),
    ...news(before?.status?.notes, after.status?.notes).map((text) => `  · ${text}`),
    ...verdictLines(before, after),
  ];
}

/** What was sent to the forge since then. */
export function statusLines(before: Rollout | undefined, after: Rollout): readonly string[] {
  const sent = (rollout: Rollout | undefined) =>
    (rollout?.status?.outbox ?? []).filter((entry) => entry.sent);
  const known = new Set(sent(before).map((entry) => JSON.stringify(entry)));
  return sent(after)
    .filter((entry) => !known.has(JSON.stringify(entry)))
    .map(({ commit, state, description }) => `  ⇢ ${shortOid(commit)} ${state}: ${description}`);
}

function opening({ spec }: Rollout): string {
  const again = spec.attempt > 1 ? ` (attempt ${String(spec.attempt)})` : '';
  return `► ${shortOid(oidOf(spec.revision))} ${spec.subject} — ${spec.author}${again}`;
}

function changeLines(before: Rollout | undefined, after: Rollout): string[] {
  return Object.entries(after.status?.changes ?? {}).flatMap(([key, record]) => {
    const known = before?.status?.changes?.[key];
    const line = changeLine(known, record);
    return line === undefined
      ? []
      : [`  ${line.mark} ${key.slice(0, key.lastIndexOf('/'))}: ${line.text}`];
  });
}

interface Line {
  readonly mark: string;
  readonly text: string;
}

function changeLine(known: ChangeRecord | undefined, record: ChangeRecord): Line | undefined {
  const isNews = known?.state !== record.state;
  switch (record.state) {
    case 'planned':
      return known ? undefined : { mark: '+', text: planned(record) };
    case 'sending':
      return known ? undefined : { mark: '+', text: planned(record) };
    case 'waiting':
      if (known?.message === record.message) return undefined;
      return { mark: '◌', text: record.message ?? 'waiting' };
    case 'running':
      return known?.progress === record.progress && !isNews
        ? undefined
        : { mark: '◎', text: record.progress ?? `${record.plan} scheduled` };
    case 'succeeded':
      return isNews ? { mark: '✔', text: done(record) } : undefined;
    case 'failed':
      return isNews ? { mark: '✗', text: record.message ?? 'failed' } : undefined;
    case 'held':
      return isNews ? { mark: '◌', text: `held: ${record.message ?? ''}` } : undefined;
    case 'restarted':
    case 'moved':
      return isNews ? { mark: '·', text: record.message ?? record.state } : undefined;
  }
}

const planned = ({ summary = '', plan }: ChangeRecord): string =>
  plan === '-' ? summary : `${summary} → plan ${plan}`;

const done = ({ plan }: ChangeRecord): string => (plan === '-' ? 'done' : `${plan} COMPLETE`);

function news(before: readonly string[] = [], after: readonly string[] = []): string[] {
  return after.filter((text) => !before.includes(text));
}

function verdictLines(before: Rollout | undefined, after: Rollout): string[] {
  const { phase, message = '' } = after.status ?? {};
  if (phase === undefined || phase === 'progressing' || before?.status?.phase === phase) return [];
  const mark = phase === 'succeeded' ? '✔' : phase === 'failed' ? '✗' : '·';
  return [`${mark} ${shortOid(oidOf(after.spec.revision))} ${phase}: ${message}`];
}
