import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { ChildMessage } from './fuzz-child.ts';
import type { Finding, InputRange } from './play-inputs.ts';

/** How a child ended. */
export interface ChildReport {
  readonly findings: readonly Finding[];
  readonly peakMiB: number;
}

/** A child that says nothing for so long hangs. */
const SILENCE_MS = 60_000;
const HEAP_MIB = 512;
/** Of the whole process, whatever number of inputs it has read. */
const MAX_RSS_MIB = 400;

/**
 * Feeds inputs to a target in a process of its own, with a bounded heap: a hang or a crash of the whole
 * process is a finding at the first input of which nothing was heard any more.
 */
export async function runChild(
  target: string,
  range: InputRange,
  progress: (at: number) => void,
): Promise<ChildReport> {
  const child = fork(
    join(import.meta.dirname, 'fuzz-child.ts'),
    [target, ...[range.seed, range.from, range.to].map(String)],
    { execArgv: ['--import', 'tsx', `--max-old-space-size=${HEAP_MIB}`] },
  );
  let at = range.from;
  let report: ChildReport | undefined;
  const hang = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
  child.on('message', (message: ChildMessage) => {
    hang.refresh();
    if ('findings' in message) report = message;
    else progress((at = message.at));
  });
  const ending = await new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => {
      resolve(signal === null ? `exit ${String(code)}` : `killed by ${signal}`);
    });
  });
  clearTimeout(hang);
  const finding = (text: string): Finding => ({ target, input: at, text });
  const ended = `the process ended (${ending}) at this input or one of the 50 after it`;
  const { findings, peakMiB } = report ?? { findings: [finding(ended)], peakMiB: 0 };
  const tooMuch = peakMiB > MAX_RSS_MIB ? [finding(`it came to ${String(peakMiB)} MiB`)] : [];
  return { findings: [...findings, ...tooMuch], peakMiB };
}
