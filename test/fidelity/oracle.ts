import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureTools } from '../cluster/binaries.ts';

/** KUDO's own code behind JSON lines: what it answers is right by definition. */
export interface Oracle {
  ask(question: object): Promise<Record<string, unknown>>;
  stop(): void;
}

/** Builds the oracle on first use (a Go toolchain is needed then) and starts it. */
export async function startOracle(): Promise<Oracle> {
  const { kudo } = await ensureTools(['kudo']);
  const child = spawn(join(kudo, 'kudo-oracle'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  return {
    ask: async (question) =>
      JSON.parse(await answerOf(child, waiting, question)) as Record<string, unknown>,
    stop: () => {
      child.kill();
    },
  };
}

async function answerOf(
  child: ChildProcess,
  waiting: ((line: string) => void)[],
  question: object,
): Promise<string> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    child.stdin?.write(`${JSON.stringify(question)}\n`);
  });
}
