import { execFile, spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from './progress.ts';
import type { Assets, Binary } from './tools.ts';

const run = promisify(execFile);
const GO = 'go';
const MINIMUM_GO = { major: 1, minor: 26 };
const STILL_BUILDING_MS = 60_000;
const SHOWN_ERROR_BYTES = 4_000;

/** Throws, with what is needed and what it costs, when the machine cannot build these tools. */
export async function requireToolchain(tools: readonly string[]): Promise<void> {
  const found = await goVersion();
  const [major = 0, minor = 0] = (found ?? '').split('.').map(Number);
  const isNewEnough =
    major > MINIMUM_GO.major || (major === MINIMUM_GO.major && minor >= MINIMUM_GO.minor);
  if (isNewEnough && (await hasCompiler())) return;
  throw new Error(
    [
      `The cluster tests need ${tools.join(', ')}, not in the cache, and ${describe(found, isNewEnough)}.`,
      'Needed once: Go ≥ 1.26 and a C compiler (for Gitea) on PATH, a reachable Go module proxy,',
      'about 20 minutes on two cores and 10 GB of disk (Go’s module and build caches, 0.6 GB of results).',
      'The results stay in $XDG_CACHE_HOME/kudo-gitops (~/.cache/kudo-gitops).',
    ].join('\n'),
  );
}

async function hasCompiler(): Promise<boolean> {
  const { stdout } = await run(GO, ['env', 'CC']);
  return run(stdout.trim(), ['--version']).then(
    () => true,
    () => false,
  );
}

async function goVersion(): Promise<string | undefined> {
  return run(GO, ['env', 'GOVERSION']).then(
    ({ stdout }) => /^go(\d+\.\d+)/.exec(stdout)?.[1],
    () => undefined,
  );
}

function describe(found: string | undefined, isNewEnough: boolean): string {
  if (found === undefined) return 'there is no Go on PATH';
  return isNewEnough ? 'there is no C compiler' : `the Go on PATH is ${found}`;
}

interface PackageBuild {
  readonly binary: Binary;
  /** The folder with go.mod. */
  readonly source: string;
  readonly output: string;
  readonly log: Log;
}

/** Compiles one package, politely to whatever else runs on the machine, with a line of progress a minute. */
export async function buildPackage({ binary, source, output, log }: PackageBuild): Promise<void> {
  const startedAt = Date.now();
  const elapsed = (): string => `${String(Math.round((Date.now() - startedAt) / 1000))} s`;
  log(`${binary.name}: building (about ${String(binary.coldMinutes)} min when nothing is cached)`);
  const timer = setInterval(() => log(`${binary.name}: building, ${elapsed()}`), STILL_BUILDING_MS);
  try {
    await compile(binary, source, output);
  } finally {
    clearInterval(timer);
  }
  log(`${binary.name}: built in ${elapsed()}`);
}

async function compile(binary: Binary, source: string, output: string): Promise<void> {
  const child = spawn(GO, buildArguments(binary, output), {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: binary.cgo === true ? '1' : '0', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-SHOWN_ERROR_BYTES);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(`go build ${binary.package} (in ${source}) failed:\n${errors}`);
}

function buildArguments(binary: Binary, output: string): string[] {
  const variables = Object.entries(binary.variables ?? {}).map(
    ([name, value]) => `-X ${name}=${value}`,
  );
  return [
    'build',
    '-trimpath',
    '-buildvcs=false',
    ...(binary.tags === undefined ? [] : ['-tags', binary.tags]),
    '-ldflags',
    ['-s -w', ...variables].join(' '),
    '-o',
    output,
    binary.package,
  ];
}

/** Copies folders of a downloaded Go module to below `target`. */
export async function copyModuleFolders(
  source: string,
  assets: Assets,
  target: string,
): Promise<void> {
  const { stdout } = await run(GO, ['list', '-m', '-f', '{{.Dir}}', assets.module], {
    cwd: source,
    env: { ...process.env, GOWORK: 'off' },
  });
  for (const [from, to] of Object.entries(assets.folders)) {
    await copyFolder(join(stdout.trim(), from), join(target, to));
  }
}

/** `fs.cp` would carry over the module cache's read-only folders, which cannot be removed again. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await copyFolder(source, target);
      continue;
    }
    await copyFile(source, target);
    await chmod(target, 0o644);
  }
}
