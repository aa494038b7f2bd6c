import { setFlagsFromString } from 'node:v8';

/**
 * Trades a little processor time for memory: a service that mostly waits needs no 48 MB of young objects
 * in each thread. Measured with 1,000 Instances: 126 MB resident instead of 205. To be called before the
 * first thread is started.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--max-semi-space-size=2');
  setFlagsFromString('--optimize-for-size');
}
