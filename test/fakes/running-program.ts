import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAM_FOLDER } from './service-process.ts';

/** The built program with a folder of its own for everything that it writes. */
export interface RunningProgram {
  /** Exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves when standard output matches; rejects when the program ends before that. */
  readonly shows: (pattern: RegExp) => Promise<RegExpMatchArray>;
  /** Ctrl-C. */
  readonly interrupt: () => void;
  /** Closes the pipe that its standard output goes to, as `| head` does. */
  readonly stopReading: () => void;
  /** Files and processes that are still there; empty when it has cleaned up. */
  readonly leftovers: () => Promise<readonly string[]>;
  /** Ends it and removes its folder. */
  readonly dispose: () => Promise<void>;
}

/** Starts `kudo-gitops <args>`. */
export async function startProgram(...args: readonly string[]): Promise<RunningProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-program-'));
  const child = spawn(process.execPath, [join(PROGRAM_FOLDER, 'kudo-gitops.js'), ...args], {
    env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  let wake: (() => void)[] = [];
  const more = async (): Promise<void> =>
    new Promise((resolve) => {
      wake.push(resolve);
    });
  child.stdout.on('data', (chunk: Buffer) => {
    text.out += chunk.toString();
    for (const one of wake) one();
    wake = [];
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text.err += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    ended,
    out: () => text.out,
    err: () => text.err,
    shows: async (pattern) => {
      for (;;) {
        const match = pattern.exec(text.out);
        if (match) return match;
        // oxlint-disable-next-line no-await-in-loop
        if ((await Promise.race([more(), ended.then(() => 'ended')])) === 'ended')
          throw new Error(`ended without saying ${String(pattern)}\n${text.out}\n${text.err}`);
      }
    },
    interrupt: () => child.kill('SIGINT'),
    stopReading: () => child.stdout.destroy(),
    leftovers: async () => [...(await readdir(folder)), ...(await processesOf(folder))],
    dispose: async () => {
      child.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Processes whose environment or arguments name the folder. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const pids = await readdir('/proc').catch(() => undefined);
  if (!pids) {
    const { stdout } = await promisify(execFile)('ps', ['-axeww', '-o', 'command']);
    return stdout.split('\n').filter((line) => line.includes(folder));
  }
  const found = pids
    .filter((pid) => /^\d+$/.test(pid))
    .map(async (pid) => {
      const parts = ['environ', 'cmdline'].map(async (file) =>
        readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''),
      );
      const all = (await Promise.all(parts)).join('\0');
      return all.includes(folder) ? [all.split('\0').join(' ')] : [];
    });
  return (await Promise.all(found)).flat();
}
