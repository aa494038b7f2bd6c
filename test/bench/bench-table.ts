import type { Figures } from './measure.ts';

export interface Column {
  readonly world: string;
  readonly instances: number;
  readonly figures: Figures;
}

interface Row {
  readonly what: string;
  readonly goal: string;
  /** Flux 2.x on the same real API server with KUDO's manager, measured for the issue. */
  readonly flux: string;
  readonly show: (figures: Figures) => string;
}

const ROWS: readonly Row[] = [
  {
    what: 'webhook received → first write, one Instance, p50 / p95',
    goal: 'p95 ≤ 250 ms',
    flux: '–',
    show: ({ hookToWrite }) =>
      `${ms(quantile(hookToWrite, 0.5))} / ${ms(quantile(hookToWrite, 0.95))}`,
  },
  {
    what: 'push returned → first write, one Instance, p50 / p95',
    goal: '–',
    flux: '300: 4.4 s; 1,000: 15 s',
    show: ({ pushToWrite }) =>
      `${ms(quantile(pushToWrite, 0.5))} / ${ms(quantile(pushToWrite, 0.95))}`,
  },
  {
    what: 'Sync created → first write, empty cluster',
    goal: '–',
    flux: '–',
    show: ({ coldFirstWrite }) => ms(coldFirstWrite),
  },
  {
    what: 'Sync created → all plans done, empty cluster',
    goal: '–',
    flux: '–',
    show: ({ coldAllDone }) => seconds(coldAllDone),
  },
  {
    what: 'creates a second (KUDO alone)',
    goal: '95 % of KUDO alone',
    flux: '–',
    show: ({ coldWritesPerSecond, alone }) =>
      perSecond(coldWritesPerSecond, alone?.createsPerSecond),
  },
  {
    what: 'webhook → first write, all Instances changed',
    goal: '–',
    flux: '–',
    show: ({ allHookToWrite }) => ms(allHookToWrite),
  },
  {
    what: 'webhook → all plans done, all Instances changed',
    goal: '–',
    flux: '1,000: 153 s',
    show: ({ allDone }) => seconds(allDone),
  },
  {
    what: 'parameter writes a second (KUDO alone)',
    goal: '95 % of KUDO alone',
    flux: '–',
    show: ({ allWritesPerSecond, alone }) => perSecond(allWritesPerSecond, alone?.writesPerSecond),
  },
  {
    what: 'Kubernetes API requests a minute, idle',
    goal: '≤ 20',
    flux: '2,046',
    show: ({ idleRequestsPerMinute }) => idleRequestsPerMinute.toFixed(0),
  },
  {
    what: 'resident memory, highest seen',
    goal: '≤ 150 MB',
    flux: '197 MB',
    show: ({ residentMb }) => `${residentMb.toFixed(0)} MB`,
  },
  {
    what: 'event loop lag p99, busy / idle',
    goal: '≤ 50 ms',
    flux: '–',
    show: ({ busyLagMs, idleLagMs }) => `${ms(busyLagMs)} / ${ms(idleLagMs)}`,
  },
];

/** The figures as a Markdown table, beside the goals and Flux. */
export function benchTable(columns: readonly Column[]): string {
  const titles = columns.map(({ world, instances }) => `${world}, ${String(instances)}`);
  const head = ['', 'goal', 'Flux, real cluster', ...titles];
  const rows = ROWS.map(({ what, goal, flux, show }) => [
    what,
    goal,
    flux,
    ...columns.map(({ figures }) => show(figures)),
  ]);
  const rule = head.map(() => '---');
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function perSecond(rate: number, alone: number | undefined): string {
  return alone === undefined ? rate.toFixed(1) : `${rate.toFixed(1)} (${alone.toFixed(1)})`;
}

export const ms = (value: number): string => `${value.toFixed(0)} ms`;
const seconds = (value: number): string => `${(value / 1_000).toFixed(1)} s`;
