/** What must be undone at the end, collected while things are started. */
export class Cleanup {
  readonly #undo: (() => Promise<unknown>)[] = [];

  /** Remembers how to undo what was just done. */
  add(undo: () => Promise<unknown>): void {
    this.#undo.push(undo);
  }

  /** Undoes everything, the newest first; each is undone even if another one fails. Throws the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const undo of this.#undo.splice(0).toReversed()) {
      try {
        await undo();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Carries out `start`, which adds to this; when it fails, what it had started is undone. */
  async guard<T>(start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } catch (thrown) {
      await this.run().catch(() => undefined);
      throw thrown;
    }
  }
}
