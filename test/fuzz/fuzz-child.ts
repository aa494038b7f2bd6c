import { FUZZ_TARGETS } from './fuzz-targets.ts';
import { playInputs, type Finding } from './play-inputs.ts';

/** What the parent hears: where the child is, and at the end what it found. */
export type ChildMessage =
  | { readonly at: number; readonly rssMiB: number }
  | { readonly findings: readonly Finding[]; readonly peakMiB: number };

const EVERY = 50;

const [name, seed, from, to] = process.argv.slice(2);
const target = FUZZ_TARGETS.find((candidate) => candidate.name === name);
if (!target) throw new Error(`no target ${String(name)}`);

let peakMiB = 0;
const range = { seed: Number(seed), from: Number(from), to: Number(to) };
const findings = await playInputs(target, range, (input) => {
  if (input % EVERY !== 0) return;
  const rssMiB = Math.round(process.memoryUsage.rss() / (1 << 20));
  peakMiB = Math.max(peakMiB, rssMiB);
  tell({ at: input + 1, rssMiB });
});
tell({ findings, peakMiB });
process.disconnect();

function tell(message: ChildMessage): void {
  process.send?.(message);
}
