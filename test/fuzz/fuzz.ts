import { parseArgs } from 'node:util';
import { FUZZ_SEED, FUZZ_TARGETS } from './fuzz-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { runChild } from './run-child.ts';

// npm run fuzz [-- --inputs=1000000 --seed=… --only=packs --from=17 --to=18]
// One input again: npm run fuzz -- --only=packs --from=17 --to=18

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(FUZZ_SEED) },
    only: { type: 'string' },
    from: { type: 'string', default: '0' },
    to: { type: 'string' },
  },
});

const targets = FUZZ_TARGETS.filter(
  ({ name }) => values.only === undefined || values.only === name,
);
if (targets.length === 0) {
  console.error(
    `no target ${String(values.only)}: ${FUZZ_TARGETS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const shares = targets.reduce((sum, { share }) => sum + share, 0);
const waiting = [...targets];
let played = 0;
let found = 0;
// Two at a time: one keeps a core busy.
await Promise.all([work(), work()]);
console.log(`${played} inputs, ${found} findings, seed ${values.seed}`);
process.exitCode = found === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let target = waiting.shift(); target; target = waiting.shift()) await play(target);
}

async function play({ name, share }: FuzzTarget): Promise<void> {
  const from = Number(values.from);
  const to = Number(values.to ?? from + Math.ceil((Number(values.inputs) * share) / shares));
  const started = performance.now();
  let told = started;
  const { findings, peakMiB } = await runChild(
    name,
    { seed: Number(values.seed), from, to },
    (at) => {
      if (performance.now() - told < 10_000) return;
      told = performance.now();
      console.error(`${name}: ${at - from} of ${to - from}`);
    },
  );
  const seconds = (performance.now() - started) / 1_000;
  played += to - from;
  found += findings.length;
  console.log(
    `${name}: ${to - from} inputs in ${seconds.toFixed(0)} s, ${findings.length} findings, ${peakMiB} MiB`,
  );
  for (const { input, text } of findings.slice(0, 10)) {
    console.log(
      `  input ${input} (--only=${name} --from=${input} --to=${input + 1}): ${text.slice(0, 800)}`,
    );
  }
}
