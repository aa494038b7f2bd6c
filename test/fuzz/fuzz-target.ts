import type { Chance } from './chance.ts';

/** One reader of what strangers write, and inputs for it. */
export interface FuzzTarget {
  readonly name: string;
  /** Its share of the inputs. */
  readonly share: number;
  /** Makes an input and feeds it; throws for everything that users would call a crash. */
  run(chance: Chance): void | Promise<void>;
}
