import type { SourcePosition } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { ProblemList } from './problem-list.ts';
import { placeText } from './source-document.ts';

interface Placed {
  readonly key: ObjectKey;
  readonly position: SourcePosition;
}

/**
 * Objects of one kind, layer by layer. Two of one name in one layer contradict each other: both are
 * left out. An object that could not be read whole is left out too, so that half of what Git says
 * is never taken for all of it.
 */
export class LayeredObjects<T extends Placed> {
  readonly #kind: string;
  readonly #problems: ProblemList;
  readonly #layers: Map<ObjectKey, T>[];
  readonly #unusable = new Set<ObjectKey>();

  constructor(kind: string, layers: number, problems: ProblemList) {
    this.#kind = kind;
    this.#problems = problems;
    this.#layers = Array.from({ length: layers }, () => new Map<ObjectKey, T>());
  }

  add(layer: number, object: T): void {
    const objects = this.#layers[layer];
    const other = objects?.get(object.key);
    if (!other) {
      objects?.set(object.key, object);
      return;
    }
    this.#unusable.add(object.key);
    const [first, second] = [other.position, object.position];
    this.#problems.error(second, {
      id: 'duplicate',
      message: `${this.#kind} ${object.key} is already defined at ${placeText(first)}`,
      hint: 'take one of them out, or put one into a later path of the Sync to override the other',
    });
  }

  /** Leaves the object out: something in one of its files is wrong. */
  markUnusable(key: ObjectKey): void {
    this.#unusable.add(key);
  }

  /** True when a file names the object, usable or not. */
  isNamed(key: ObjectKey): boolean {
    return this.#unusable.has(key) || this.#layers.some((objects) => objects.has(key));
  }

  /** What the files say of objects that are left out. */
  leftOut(): readonly T[] {
    return this.#layers
      .flatMap((objects) => [...objects.values()])
      .filter(({ key }) => this.#unusable.has(key));
  }

  /** Every usable object, its layers put together by `overlay`, with the layers that it is in. */
  merged(
    overlay: (base: T, over: T) => T,
  ): readonly { readonly object: T; readonly layers: readonly number[] }[] {
    const merged = new Map<ObjectKey, { object: T; layers: number[] }>();
    for (const [layer, objects] of this.#layers.entries()) {
      for (const [key, object] of objects) {
        const base = merged.get(key);
        if (base)
          merged.set(key, {
            object: overlay(base.object, object),
            layers: [...base.layers, layer],
          });
        else merged.set(key, { object, layers: [layer] });
      }
    }
    return [...merged.values()]
      .filter(({ object }) => !this.#unusable.has(object.key))
      .toSorted((a, b) => (a.object.key < b.object.key ? -1 : 1));
  }
}

/** For objects that a later layer says whole. */
export function lastWins<T>(_: T, over: T): T {
  return over;
}

/** Objects by the key that each has; of two under one key the last. */
export function byKey<T extends { readonly key: ObjectKey }>(
  objects: readonly T[],
): ReadonlyMap<ObjectKey, T> {
  return new Map(objects.map((object) => [object.key, object]));
}
