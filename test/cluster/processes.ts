import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TERM_GRACE_MS = 2_000;
const FIRST_PORT = 20_000;
const FIRST_EPHEMERAL_PORT = 32_768;
const SHOWN_LOG_CHARACTERS = 3_000;

/** A program that runs until it is stopped. Its output goes to a file. */
export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Ends it: SIGTERM, after two seconds SIGKILL. Safe to call twice. */
  readonly stop: () => Promise<void>;
  /** Ends it at once, as a crash would. */
  readonly kill: () => Promise<void>;
  /** Throws, with the end of its log, when it is not running any more. */
  readonly assertRunning: () => Promise<void>;
}

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment but for PATH and HOME (`dir`). */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its log is written, its working folder and its HOME. */
  readonly dir: string;
}

/** Starts a program. It ends with this Node process at the latest, however that ends. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const logFile = join(options.dir, `${options.name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(options.command, options.args, {
    cwd: options.dir,
    env: childEnvironment(options),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve).once('error', reject);
  });
  return guard(child, options.name, logFile);
}

/** The few variables that a program gets; nothing of the person's environment leaks into a test. */
export function childEnvironment(options: Pick<ProcessOptions, 'dir' | 'env'>): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: options.dir, LANG: 'C.UTF-8', ...options.env };
}

function guard(child: ChildProcess, name: string, logFile: string): RunningProcess {
  const pid = child.pid ?? -1;
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      tellReaper('-', pid);
      resolve();
    });
  });
  tellReaper('+', pid);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded()) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), TERM_GRACE_MS);
    await ended;
    clearTimeout(timer);
  };
  return {
    name,
    pid,
    logFile,
    stop: async () => end('SIGTERM'),
    kill: async () => end('SIGKILL'),
    assertRunning: async () => {
      if (!hasEnded()) return;
      const how = child.signalCode ?? `code ${String(child.exitCode)}`;
      throw new Error(`${name} ended (${how}):\n${await tail(logFile)}`);
    },
  };
}

/** The last lines of a log file. */
export async function tail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.slice(-SHOWN_LOG_CHARACTERS);
}

/**
 * A shell that holds the pids and kills what is left when its stdin closes, which the kernel does
 * for us even when this process is killed with SIGKILL. Lines: "+ pid" and "- pid".
 */
const REAPER = `
set --
while read -r op pid; do
  if [ "$op" = + ]; then set -- "$@" "$pid"; continue; fi
  for held do shift; [ "$held" = "$pid" ] || set -- "$@" "$held"; done
done
[ $# -eq 0 ] || kill -KILL "$@"
`;

let reaper: ChildProcess | undefined;

function tellReaper(op: '+' | '-', pid: number): void {
  if (reaper === undefined) {
    reaper = spawn('sh', ['-c', REAPER], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    reaper.unref();
    const { stdin } = reaper;
    if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  }
  reaper.stdin?.write(`${op} ${String(pid)}\n`);
}

/**
 * `count` free ports of the loopback interface, all different, below those that the kernel gives to
 * outgoing connections: such a port would often be taken again before its server starts.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST_PORT, FIRST_EPHEMERAL_PORT);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
  /** Gives up at once when this one has ended. */
  readonly process?: RunningProcess;
}

/**
 * Asks until the answer is neither undefined nor false, and gives it. A throwing probe counts as
 * "not yet"; its last error is part of the message when time is up.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  { timeoutMs = 60_000, intervalMs = 50, process: needed }: WaitOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  while (Date.now() < deadline) {
    await needed?.assertRunning();
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await sleep(intervalMs);
  }
  throw new Error(`waited ${String(timeoutMs)} ms in vain for ${what}`, { cause: lastError });
}
