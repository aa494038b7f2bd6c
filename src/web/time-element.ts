import { html, type Html } from './html.ts';

/** A moment as people read it, in UTC and to the second; empty when there is none yet. */
export function timeElement(iso: string | undefined): Html {
  if (iso === undefined || iso === '') return html``;
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
  return html`<time datetime="${iso}">${text}</time>`;
}

/** How long something took: `0.7 s`, `42 s`, `1 h 5 min`. */
export function durationText(fromIso: string, toIso: string): string {
  const seconds = Math.max(0, (Date.parse(toIso) - Date.parse(fromIso)) / 1_000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${String(Math.round(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(Math.round(seconds % 60))} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
