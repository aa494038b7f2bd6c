/** One piece of work; resolves to what was in its way, or undefined. */
type Work = () => Promise<string | undefined>;

/**
 * Work that goes on between the passes that put it in, at most one piece a key and `limit` at once, in
 * the order in which it came.
 */
export class WorkStream<Key extends string> {
  readonly #limit: number;
  readonly #waiting = new Map<Key, Work>();
  readonly #running = new Set<Key>();
  readonly #wake: (() => void)[] = [];
  #ended = 0;
  #trouble: string | undefined;
  #thrown: Error | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many pieces wait or are under way. */
  get size(): number {
    return this.#waiting.size + this.#running.size;
  }

  has(key: Key): boolean {
    return this.#waiting.has(key) || this.#running.has(key);
  }

  /** The key must not be in the stream. */
  add(key: Key, work: Work): void {
    this.#waiting.set(key, work);
    this.#startWork();
  }

  /** Forgets what was not begun. */
  dropWaiting(): void {
    this.#waiting.clear();
    this.#notify();
  }

  /** Resolves when at most `size` pieces are left. */
  async shrunkTo(size: number): Promise<void> {
    while (this.size > size) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /**
   * How many pieces have ended since the last call, and the first trouble among them.
   *
   * @throws what a piece threw
   */
  takeResults(): { readonly ended: number; readonly trouble: string | undefined } {
    const results = { ended: this.#ended, trouble: this.#trouble };
    const thrown = this.#thrown;
    [this.#ended, this.#trouble, this.#thrown] = [0, undefined, undefined];
    if (thrown) throw thrown;
    return results;
  }

  #startWork(): void {
    for (const [key, work] of this.#waiting) {
      if (this.#running.size >= this.#limit) return;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key, work);
    }
  }

  async #run(key: Key, work: Work): Promise<void> {
    try {
      const trouble = await work();
      this.#trouble ??= trouble;
    } catch (thrown) {
      this.#thrown ??=
        thrown instanceof Error ? thrown : new Error('not an error', { cause: thrown });
    }
    this.#running.delete(key);
    this.#ended += 1;
    this.#startWork();
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
