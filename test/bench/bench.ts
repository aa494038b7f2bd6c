import { liveScope } from '../fakes/scope.ts';
import { benchFleet } from './bench-fleet.ts';
import { startClusterWorld, startSandboxWorld, type BenchWorld } from './bench-world.ts';
import { benchTable, type Column } from './bench-table.ts';
import { measureKudoAlone } from './kudo-alone.ts';
import { latencyTable, measureLatency, type Latency } from './measure-latency.ts';
import { measure, type Figures } from './measure.ts';

// npm run bench [-- --quick] [-- --cluster] [-- --only=cluster:300]
// npm run bench -- latency [--quick] [--only=sandbox:1000]

const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const only = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);

interface Run {
  readonly world: 'sandbox' | 'cluster';
  readonly instances: number;
}

const sandboxRuns: Run[] = [300, 1_000].map((instances) => ({ world: 'sandbox', instances }));
const clusterRuns: Run[] = [300, 1_000].map((instances) => ({ world: 'cluster', instances }));
const wanted = [...sandboxRuns, ...(args.includes('--cluster') || only ? clusterRuns : [])];

if (args.includes('latency')) {
  const worlds: Run[] = [
    { world: 'sandbox', instances: isQuick ? 100 : 1_000 },
    { world: 'cluster', instances: isQuick ? 100 : 1_000 },
  ];
  const measured: Latency[] = [];
  for (const run of worlds.filter(isWanted)) measured.push(await latencyOf(run));
  console.log(latencyTable(measured));
  process.exit(0);
}

const columns: Column[] = [];
for (const run of isQuick ? sandboxRuns.slice(0, 1) : wanted) {
  if (isWanted(run)) columns.push({ ...run, figures: await play(run) });
}
console.log(benchTable(columns));
process.exit(0);

function isWanted({ world, instances }: Run): boolean {
  return only === undefined || only === `${world}:${String(instances)}`;
}

async function latencyOf({ world, instances }: Run): Promise<Latency> {
  const say = (line: string): void => {
    console.error(`[${world} ${String(instances)}] ${line}`);
  };
  const start = world === 'sandbox' ? startSandboxWorld : startClusterWorld;
  const stage: BenchWorld = await start(benchFleet(instances));
  const scope = liveScope();
  try {
    return await measureLatency(stage, { instances, commits: isQuick ? 10 : 100, say }, scope);
  } finally {
    scope.stop();
    await stage.stop();
  }
}

async function play({ world, instances }: Run): Promise<Figures> {
  const say = (line: string): void => {
    console.error(`[${world} ${String(instances)}] ${line}`);
  };
  const start = world === 'sandbox' ? startSandboxWorld : startClusterWorld;
  const stage: BenchWorld = await start(benchFleet(instances));
  const scope = liveScope();
  try {
    const [commits, idleMs] = isQuick ? [5, 20_000] : [20, 60_000];
    const alone =
      world === 'cluster' ? await measureKudoAlone(stage.client, instances, scope) : undefined;
    if (alone) say(`KUDO alone: ${alone.createsPerSecond.toFixed(1)} creates a second`);
    return { ...(await measure(stage, { instances, commits, idleMs, say }, scope)), alone };
  } finally {
    scope.stop();
    await stage.stop();
  }
}
