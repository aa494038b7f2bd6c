import { setImmediate } from 'node:timers/promises';
import { Chance } from './chance.ts';
import type { FuzzTarget } from './fuzz-target.ts';

/** Inputs of one target, by their numbers. */
export interface InputRange {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** An input that broke its reader, or kept it longer than `SLOW_MS`. */
export interface Finding {
  readonly target: string;
  readonly input: number;
  readonly text: string;
}

/** Of the processor, so that a busy machine finds nothing. */
const SLOW_MS = 3_000;

/** As between the looks of a service, what zlib holds may go. */
const TURN_EVERY = 50;

/** Feeds the inputs one after the other; `seen` hears of each. */
export async function playInputs(
  target: FuzzTarget,
  { seed, from, to }: InputRange,
  seen: (input: number) => void = () => undefined,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (let input = from; input < to; input += 1) {
    const before = process.cpuUsage();
    let text: string | undefined;
    try {
      await target.run(new Chance(seed, input));
    } catch (thrown) {
      text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    }
    const { user, system } = process.cpuUsage(before);
    const tookMs = Math.round((user + system) / 1_000);
    if (tookMs > SLOW_MS) text ??= `took ${tookMs} ms`;
    if (text !== undefined) findings.push({ target: target.name, input, text });
    seen(input);
    // oxlint-disable-next-line no-await-in-loop -- one input after the other
    if (input % TURN_EVERY === 0) await setImmediate();
  }
  return findings;
}
