import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files by their SHA-256 in a folder that may be thrown away at any time; the oldest go when it grows too large. */
export class ContentStore {
  readonly #folder: string;
  readonly #maxBytes: number;

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** The file with this digest; undefined when it is not there, or is not what its name says. */
  async read(digest: string): Promise<Buffer | undefined> {
    const path = join(this.#folder, digest);
    const bytes = await readFile(path).catch(() => undefined);
    if (!bytes) return undefined;
    if (digestOf(bytes) !== digest) {
      await rm(path, { force: true });
      return undefined;
    }
    return bytes;
  }

  /** Keeps the file. */
  async write(bytes: Buffer): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const temporary = join(this.#folder, `.${randomUUID()}`);
    await writeFile(temporary, bytes);
    await rename(temporary, join(this.#folder, digestOf(bytes)));
    await this.#shrink();
  }

  async #shrink(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => !name.startsWith('.'));
    const files = await Promise.all(
      names.map(async (name) => {
        const { size, mtimeMs } = await stat(join(this.#folder, name));
        return { name, size, mtimeMs };
      }),
    );
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size } of files.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes <= this.#maxBytes) return;
      bytes -= size;
      await rm(join(this.#folder, name), { force: true });
    }
  }
}

/** SHA-256 as 64 hex digits. */
export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
