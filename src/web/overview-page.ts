import { oidOf, shortOid } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { html, type Html } from './html.ts';
import { page } from './page.ts';
import { timeElement } from './time-element.ts';

const MAX_ROLLOUTS = 100;

/** Every Sync and the newest Rollouts. */
export function overviewPage(syncs: readonly Sync[], rollouts: readonly Rollout[]): string {
  const newest = newestRollouts(rollouts);
  return page(
    'Overview',
    html`<h1>Syncs</h1>
      ${syncs.length === 0 ? html`<p>None yet: write one and <code>kubectl apply</code> it.</p>` : syncTable(syncs)}
      <h1>Rollouts</h1>
      ${newest.length === 0 ? html`<p>None yet.</p>` : rolloutTable(newest)}`,
  );
}

/** The Rollouts that are shown, newest first. */
export function newestRollouts(rollouts: readonly Rollout[]): readonly Rollout[] {
  return rollouts.toSorted((a, b) => started(b).localeCompare(started(a))).slice(0, MAX_ROLLOUTS);
}

const started = ({ status, metadata }: Rollout): string =>
  status?.startedAt ?? metadata.creationTimestamp ?? '';

function syncTable(syncs: readonly Sync[]): Html {
  return html`<div class="scroll"><table>
    <thead><tr><th>Sync</th><th>Ready</th><th>Message</th><th>Instances</th></tr></thead>
    <tbody>${syncs.map(syncRow)}</tbody>
  </table></div>`;
}

function syncRow({ metadata, status }: Sync): Html {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const counts = status?.instances;
  return html`<tr id="${metadata.namespace}/${metadata.name}">
    <td>${metadata.namespace}/${metadata.name}</td>
    <td><span class="state ${ready?.status}">${ready?.reason ?? 'unknown'}</span></td>
    <td class="text">${ready?.message}</td>
    <td data-label="Instances: ">${counts ? `${String(counts.ready)} of ${String(counts.total)} ready` : ''}</td>
  </tr>`;
}

function rolloutTable(rollouts: readonly Rollout[]): Html {
  return html`<div class="scroll"><table>
    <thead><tr><th>Commit</th><th>Sync</th><th>State</th><th>Message</th><th>Started</th></tr></thead>
    <tbody>${rollouts.map(rolloutRow)}</tbody>
  </table></div>`;
}

function rolloutRow(rollout: Rollout): Html {
  const { metadata, spec, status } = rollout;
  const phase = status?.phase ?? 'progressing';
  return html`<tr>
    <td><a href="/rollouts/${metadata.namespace}/${metadata.name}"><code>${shortOid(oidOf(spec.revision))}</code></a>
      ${spec.subject}<br /><small>${spec.author}</small></td>
    <td>${metadata.namespace}/${spec.sync}</td>
    <td><span class="state ${phase}">${phase}</span></td>
    <td class="text">${status?.message}</td>
    <td>${timeElement(started(rollout))}</td>
  </tr>`;
}
