import { spawn } from 'node:child_process';
import { Failure, messageOf } from '../lib/failure.ts';

/** One run of the `git` program. */
export interface NativeRun {
  /** What git is told; nothing of the process's own environment is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Largest file that git may write, in bytes. */
  readonly maxFileBytes: number;
  /** Most that git may print, in bytes. */
  readonly maxOutputBytes: number;
}

/** git ended badly. `said` is what it wrote on standard error. */
export class GitExit extends Error {
  override readonly name: string = 'GitExit';
  readonly said: string;

  constructor(said: string) {
    super('git ended badly');
    this.said = said;
  }
}

/**
 * Sets limits that the kernel enforces, then becomes git. Arguments reach it as they are: the script is
 * a constant and quotes what it is given. Without the trap git dies of the limit and cannot say why.
 */
const SCRIPT =
  'trap "" XFSZ; ulimit -c 0; ulimit -f "$1"; ulimit -v "$2" 2>/dev/null || :; shift 2; exec git "$@"';
/** POSIX counts `ulimit -f` in 512 bytes. */
const BLOCK_BYTES = 512;
const MAX_MEMORY_KIB = 4 * 1024 * 1024;

/**
 * What git printed. When `signal` aborts, git and everything it started is ended before this rejects.
 *
 * @throws {GitExit} for an exit code other than 0
 * @throws {Failure} `invalid` when there is no git, or it prints more than it may
 */
export async function runNativeGit(
  args: readonly string[],
  { env, cwd, maxFileBytes, maxOutputBytes }: NativeRun,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const limits = [String(Math.ceil(maxFileBytes / BLOCK_BYTES)), String(MAX_MEMORY_KIB)];
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...limits, ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that ssh and index-pack end with git
  });
  const end = (): void => {
    if (child.pid === undefined || child.exitCode !== null) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // gone already
    }
  };
  const out = new Bounded(maxOutputBytes, end);
  const err = new Bounded(MAX_SAID_BYTES, () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    out.add(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err.add(chunk);
  });
  signal.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    if (out.isOver) throw new Failure('invalid', `git printed more than ${maxOutputBytes} bytes`);
    if (code === 127) throw noGit(err.text);
    if (code !== 0) throw new GitExit(err.text);
    return out.text;
  } catch (thrown) {
    if (thrown instanceof GitExit || thrown instanceof Failure || signal.aborted) throw thrown;
    throw noGit(messageOf(thrown));
  } finally {
    signal.removeEventListener('abort', end);
  }
}

const MAX_SAID_BYTES = 64 * 1024;

function noGit(said: string): Failure {
  return new Failure('invalid', `the program git cannot be run: ${said.trim().slice(0, 200)}`, {
    hint: 'install git 2.31 or newer (and openssh-client for ssh) where kudo-gitops runs; its image has both',
  });
}

/** The first bytes of a stream. */
class Bounded {
  readonly #chunks: Buffer[] = [];
  readonly #max: number;
  readonly #onOver: () => void;
  #bytes = 0;

  constructor(max: number, onOver: () => void) {
    this.#max = max;
    this.#onOver = onOver;
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (!this.isOver) this.#chunks.push(chunk);
    else this.#onOver();
  }

  get isOver(): boolean {
    return this.#bytes > this.#max;
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
