import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObjectKey } from '../model/kube-object.ts';
import { instanceOrder, removalOrder, type OrderedInstance } from './instance-order.ts';

/** `kafka: zookeeper mail` depends on two. */
function instances(...lines: readonly string[]): readonly OrderedInstance[] {
  return lines.map((line) => {
    const [name = '', rest = ''] = line.split(':');
    const dependsOn = rest.split(' ').filter((word) => word !== '');
    return { key: `shop/${name}`, dependsOn: dependsOn.map((one): ObjectKey => `shop/${one}`) };
  });
}

test('an Instance comes after all that it depends on, others in the order of their names', () => {
  const { keys, cycles } = instanceOrder(instances('a', 'b: z', 'c: b', 'z: y', 'y'));
  expect(keys).toEqual(['shop/a', 'shop/y', 'shop/z', 'shop/b', 'shop/c']);
  expect(cycles).toEqual(new Map());
});

test('names that nobody has do not count', () => {
  expect(instanceOrder(instances('a: nobody')).keys).toEqual(['shop/a']);
});

test('who waits for itself is told the names on the way round; who waits for them is not', () => {
  const { cycles } = instanceOrder(instances('a: b', 'b: c', 'c: a', 'd: a', 'e: e'));
  expect([...cycles]).toEqual([
    ['shop/a', 'shop/a → shop/b → shop/c → shop/a'],
    ['shop/b', 'shop/b → shop/c → shop/a → shop/b'],
    ['shop/c', 'shop/c → shop/a → shop/b → shop/c'],
    ['shop/e', 'shop/e → shop/e'],
  ]);
});

test('what is removed goes before what it depends on', () => {
  const before = removalOrder(instances('kafka: zookeeper', 'mail: kafka zookeeper', 'zookeeper'));
  expect(Object.fromEntries(before)).toEqual({
    'shop/kafka': ['shop/mail'],
    'shop/mail': [],
    'shop/zookeeper': ['shop/kafka', 'shop/mail'],
  });
});

test('a circle does not keep its members from being removed', () => {
  const before = removalOrder(instances('a: b', 'b: a', 'c: a'));
  expect(Object.fromEntries(before)).toEqual({ 'shop/a': ['shop/c'], 'shop/b': [], 'shop/c': [] });
});

test('a chain and a circle of thousands are told in a moment', () => {
  const size = 3_000;
  const chain = (last: string): readonly OrderedInstance[] =>
    instances(
      ...Array.from({ length: size }, (_, at) => `i${at}: ${at + 1 < size ? `i${at + 1}` : last}`),
    );
  expect(instanceOrder(chain('')).keys.at(-1)).toBe('shop/i0');
  const { cycles } = instanceOrder(chain('i0'));
  expect(cycles.size).toBe(size);
  expect(cycles.get('shop/i7')).toMatch(/^shop\/i7 → shop\/i8 → .* → … 2990 more → shop\/i7$/);
});

test('whatever depends on whatever, all are there once, and only circles break the order', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const graph = fc.dictionary(fc.constantFrom(...names), fc.subarray(names), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(graph, (edges) => {
      const given = names.map((name) => `${name}: ${(edges[name] ?? []).join(' ')}`);
      const { keys, cycles } = instanceOrder(instances(...given));
      expect(keys.toSorted()).toEqual(names.map((name) => `shop/${name}`));
      const round = names.filter((name) => reaches(edges, name, name));
      expect([...cycles.keys()].toSorted()).toEqual(round.map((name) => `shop/${name}`));
      const early = names.filter((name) =>
        (edges[name] ?? []).some(
          (to) =>
            !reaches(edges, to, name) && keys.indexOf(`shop/${to}`) > keys.indexOf(`shop/${name}`),
        ),
      );
      expect(early).toEqual([]);
    }),
  );
});

function reaches(edges: Readonly<Record<string, string[]>>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [...(edges[from] ?? [])];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(edges[at] ?? []));
  }
  return false;
}
