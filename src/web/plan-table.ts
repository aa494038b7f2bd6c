import type { PlanStatus } from '../kudo/objects.ts';
import { html, type Html } from './html.ts';

/** Phases and steps of a plan run, nested as KUDO has them. */
export function planTable({ phases = [] }: PlanStatus): Html {
  return html`<ul class="plan">${phases.map(
    (phase) => html`<li>
      <span class="state ${phase.status}">${phase.status}</span> ${phase.name}
      <ul>${(phase.steps ?? []).map(
        (step) => html`<li>
          <span class="state ${step.status}">${step.status}</span> ${step.name}
          <small>${step.message}</small>
        </li>`,
      )}</ul>
    </li>`,
  )}</ul>`;
}
