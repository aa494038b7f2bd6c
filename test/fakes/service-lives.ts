import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../cluster/processes.ts';
import { startServiceProcess, type ServiceProcess } from './service-process.ts';

export interface LivesWish {
  /** Temporary folder; what a life leaves in it, the next one finds. */
  readonly dir: string;
  readonly kubeconfig: string;
  readonly programFolder: string;
}

/** One service process after the other, at the same address. */
export class ServiceLives {
  readonly #wish: LivesWish;
  #current: ServiceProcess | undefined;
  #port: number | undefined;
  #hasEnded = false;

  constructor(wish: LivesWish) {
    this.#wish = wish;
  }

  /** Kills the one that lives and starts another. */
  async next(): Promise<void> {
    await this.#current?.kill();
    if (this.#hasEnded) return;
    this.#port ??= (await freePorts(1))[0];
    const { dir: folder, ...wish } = this.#wish;
    const dir = join(folder, 'service');
    await mkdir(dir, { recursive: true });
    this.#current = await startServiceProcess({
      ...wish,
      dir,
      ...(this.#port ? { port: this.#port } : {}),
    });
  }

  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#current?.stop();
  }
}
