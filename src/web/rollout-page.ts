import type { Instance } from '../kudo/objects.ts';
import { oidOf, shortOid } from '../model/revision.ts';
import type { ChangeRecord, ChangeRecords, Rollout } from '../model/rollout.ts';
import { html, type Html } from './html.ts';
import { page } from './page.ts';
import { planTable } from './plan-table.ts';
import { durationText, timeElement } from './time-element.ts';

/** What the page of a Rollout shows. */
export interface RolloutView {
  readonly rollout: Rollout;
  /** Of the Rollout and all its parts. */
  readonly changes: ChangeRecords;
  readonly instance: (key: string) => Instance | undefined;
}

const KIND_TEXT = {
  create: 'create',
  upgrade: 'upgrade',
  'set-parameters': 'set parameters',
  abandon: 'give up a plan',
  'run-plan': 'run plan',
  adopt: 'adopt',
  annotate: 'annotate',
  release: 'release',
  delete: 'delete',
} as const satisfies Record<ChangeRecord['kind'], string>;

/** Commit, author, changes, plan → phase → step, messages: the target of every commit status. */
export function rolloutPage({ rollout, changes, instance }: RolloutView): string {
  const { spec, status } = rollout;
  const oid = oidOf(spec.revision);
  const title = `${shortOid(oid)} ${spec.subject}`;
  const phase = status?.phase ?? 'progressing';
  return page(
    title,
    html`<h1><span class="state ${phase}">${phase}</span> ${spec.subject}</h1>
      <p class="lead">${status?.message}</p>
      <dl>
        <dt>Commit</dt><dd><code>${oid}</code> by ${spec.author}, ${timeElement(spec.committedAt)}</dd>
        <dt>Sync</dt><dd><a href="/#${rollout.metadata.namespace}/${spec.sync}">${rollout.metadata.namespace}/${spec.sync}</a>, ${spec.revision.split('@')[0]}</dd>
        <dt>Started</dt><dd>${timeElement(status?.startedAt)}${spec.attempt > 1 ? `, attempt ${String(spec.attempt)}` : ''}</dd>
        <dt>Ended</dt><dd>${endedText(rollout)}</dd>
      </dl>
      ${list('Problems', status?.problems)} ${list('Notes', status?.notes)}
      <h2>Changes</h2>
      ${changesTable(changes, instance)} ${outboxTable(rollout)}`,
    phase === 'progressing' ? 3 : undefined,
  );
}

function endedText({ status }: Rollout): Html {
  if (status?.finishedAt === undefined) return html`not yet`;
  const took = status.startedAt && `, after ${durationText(status.startedAt, status.finishedAt)}`;
  return html`${timeElement(status.finishedAt)}${took}`;
}

function list(title: string, texts: readonly string[] = []): Html {
  if (texts.length === 0) return html``;
  return html`<h2>${title}</h2><ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`;
}

function changesTable(changes: ChangeRecords, instance: RolloutView['instance']): Html {
  const rows = Object.entries(changes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (rows.length === 0) return html`<p>No Instance is changed.</p>`;
  return html`<div class="scroll"><table>
    <thead><tr><th>Instance</th><th>Change</th><th>Plan</th><th>State</th></tr></thead>
    <tbody>${rows.map(([key, record]) => changeRow(key, record, instance))}</tbody>
  </table></div>`;
}

function changeRow(key: string, record: ChangeRecord, instance: RolloutView['instance']): Html {
  const name = key.slice(0, key.lastIndexOf('/'));
  const status = instance(name)?.status?.planStatus?.[record.plan];
  const isThisRun = status !== undefined && status.uid === record.planUid;
  const since = record.since === undefined ? '' : ` since ${shortOid(record.since)}`;
  return html`<tr>
    <td>${name}</td>
    <td class="text">${KIND_TEXT[record.kind]}<br /><small>${record.summary}</small></td>
    <td class="text" data-label="Plan: ">${record.plan === '-' ? 'none' : record.plan}${isThisRun ? planTable(status) : html``}</td>
    <td class="text"><span class="state ${record.state}">${record.state}</span>${since}
      <br /><small>${record.message ?? record.progress}</small></td>
  </tr>`;
}

function outboxTable({ status }: Rollout): Html {
  const entries = status?.outbox ?? [];
  if (entries.length === 0) return html``;
  return html`<h2>Commit statuses</h2><div class="scroll"><table>
    <thead><tr><th>Commit</th><th>Context</th><th>State</th><th>Description</th><th>Sent</th></tr></thead>
    <tbody>${entries.map(
      (entry) => html`<tr>
        <td><code>${shortOid(entry.commit)}</code></td>
        <td class="text"><small>${entry.context}</small></td>
        <td><span class="state ${entry.state}">${entry.state}</span></td>
        <td class="text">${entry.description}</td>
        <td data-label="Sent: ">${entry.sent ? 'yes' : 'on its way'}</td>
      </tr>`,
    )}</tbody>
  </table></div>`;
}
