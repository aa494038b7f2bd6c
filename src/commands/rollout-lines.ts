import { oidOf, shortOid } from '../model/revision.ts';
import {
  isVerdict,
  type ChangeRecord,
  type ChangeState,
  type OutboxEntry,
  type Rollout,
} from '../model/rollout.ts';

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

/**
 * What was sent to the forge since then, with the Instance that a status is of; a verdict is not said
 * twice, neither the Rollout's nor that of an Instance, which has a line of its own.
 */
export function statusLines(before: Rollout | undefined, after: Rollout): readonly string[] {
  const known = new Set(sent(before).map((entry) => JSON.stringify(entry)));
  const said = after.status?.message ?? '';
  return sent(after)
    .filter((entry) => !known.has(JSON.stringify(entry)))
    .map(({ commit, context, state, description }) => {
      const instance = instanceOf(context, after);
      const isTold = instance !== undefined || said.startsWith(description.replace(/…$/, ''));
      const text = state !== 'pending' && isTold ? '' : `, ${description}`;
      const of = instance === undefined ? '' : ` (${instance})`;
      return `  ⇢ status of ${shortOid(commit)}${of}: ${state}${text}`;
    });
}

/** The Instance whose context it is; undefined for the roll-up context of the Sync. */
function instanceOf(context: string, { metadata, spec }: Rollout): string | undefined {
  const rollUp = `/${metadata.namespace}/${spec.sync}/`;
  const at = context.indexOf(rollUp);
  return at < 0 ? undefined : context.slice(at + rollUp.length);
}

const sent = (rollout: Rollout | undefined): readonly OutboxEntry[] =>
  (rollout?.status?.outbox ?? []).filter((entry) => entry.sent);

function opening({ spec }: Rollout): string {
  const again = spec.attempt > 1 ? ` (attempt ${String(spec.attempt)})` : '';
  return `► ${shortOid(oidOf(spec.revision))} ${spec.subject} — ${spec.author}${again}`;
}

function changeLines(before: Rollout | undefined, after: Rollout): string[] {
  return Object.entries(after.status?.changes ?? {}).flatMap(([key, record]) => {
    const known = before?.status?.changes?.[key];
    const instance = key.slice(0, key.lastIndexOf('/'));
    const first = known || !isOwn(record) ? [] : [`  + ${instance}: ${planned(record)}`];
    const line = newLine(known, record);
    const phases = line ? phaseLines(record) : [];
    return line ? [...first, `  ${line.mark} ${instance}: ${line.text}`, ...phases] : first;
  });
}

/** Plan → phase → step of a run that has ended. */
function phaseLines({ state, progress }: ChangeRecord): string[] {
  if (progress === undefined || (state !== 'succeeded' && state !== 'failed')) return [];
  return progress.split('; ').map((phase) => `      phase ${phase}`);
}

function newLine(known: ChangeRecord | undefined, record: ChangeRecord): Line | undefined {
  const [was, now] = [known && stateLine(known), stateLine(record)];
  return was?.mark === now?.mark && was?.text === now?.text ? undefined : now;
}

/** Planned by this Rollout: neither inherited from a failed one nor stopped before it began. */
const isOwn = ({ state, since }: ChangeRecord): boolean =>
  since === undefined && state !== 'held' && state !== 'moved' && state !== 'restarted';

interface Line {
  readonly mark: string;
  readonly text: string;
}

/** How a change stands; nothing is said of one that is only planned, or whose problem has its own line. */
const STATE_LINE: Readonly<Record<ChangeState, (record: ChangeRecord) => Line | undefined>> = {
  planned: () => undefined,
  sending: () => undefined,
  waiting: ({ message = 'waiting' }) => ({ mark: '◌', text: message }),
  running: ({ plan, progress = `${plan} scheduled` }) => ({ mark: '◎', text: progress }),
  succeeded: ({ plan }) => ({ mark: '✔', text: plan === '-' ? 'done' : `${plan} COMPLETE` }),
  failed: ({ message = 'failed', since }) => ({ mark: '✗', text: `${sinceText(since)}${message}` }),
  held: ({ message = 'an earlier change failed', cause }) =>
    cause === 'problem' ? undefined : { mark: '◌', text: `held: ${message}` },
  restarted: ({ message = 'restarted' }) => ({ mark: '·', text: message }),
  moved: ({ message = 'goes on under the newer commit' }) => ({ mark: '·', text: message }),
};

const stateLine = (record: ChangeRecord): Line | undefined => STATE_LINE[record.state](record);

const sinceText = (commit: string | undefined): string =>
  commit === undefined ? '' : `since ${shortOid(commit)}: `;

const planned = ({ summary = '', plan }: ChangeRecord): string =>
  plan === '-' ? summary : `${summary}, plan ${plan}`;

function news(before: readonly string[] = [], after: readonly string[] = []): string[] {
  return after.filter((text) => !before.includes(text));
}

function verdictLines(before: Rollout | undefined, after: Rollout): string[] {
  const { phase } = after.status ?? {};
  if (!isVerdict(phase) || before?.status?.phase === phase) return [];
  const mark = phase === 'succeeded' ? '✔' : phase === 'failed' ? '✗' : '·';
  const summary = verdictSummary(after);
  const text = summary === '' ? phase : `${phase}: ${summary}`;
  return [`${mark} ${shortOid(oidOf(after.spec.revision))} ${text}`];
}

/** The verdict's sentence without the cause that a line above has just given in full. */
function verdictSummary({ status }: Rollout): string {
  const { message = '', problems = [], changes = {} } = status ?? {};
  const causes = [
    ...problems,
    ...Object.values(changes).flatMap((record) => stateLine(record)?.text ?? []),
  ];
  const cause = causes.find((text) => message.endsWith(text));
  return cause === undefined ? message : message.slice(0, -cause.length).replace(/:? $/, '');
}
