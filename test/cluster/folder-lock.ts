import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 5_000;
const STALE_MS = 60_000;
const POLL_MS = 1_000;

/**
 * Runs `work` while holding a lock between processes: a folder that exists. The holder touches it
 * every few seconds, so that the lock of a killed process is taken over after a minute.
 * It saves work, it does not guard correctness: whoever builds must still move into place atomically.
 */
export async function withFolderLock(
  path: string,
  onWait: () => void,
  work: () => Promise<void>,
): Promise<void> {
  await acquire(path, onWait);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(beat);
    await rm(path, { recursive: true, force: true });
  }
}

async function acquire(path: string, onWait: () => void): Promise<void> {
  let hasSaid = false;
  while (!(await tryCreate(path))) {
    if (!hasSaid) onWait();
    hasSaid = true;
    if (await isStale(path)) await rm(path, { recursive: true, force: true });
    else await sleep(POLL_MS);
  }
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > STALE_MS,
    () => false,
  );
}
