import type { ObjectKey } from '../model/kube-object.ts';

/** An Instance, and those that must have their plans ended well before it is changed. */
export interface OrderedInstance {
  readonly key: ObjectKey;
  readonly dependsOn?: readonly ObjectKey[] | undefined;
}

/** The order that `gitops.kudo.dev/depends-on` gives. */
export interface InstanceOrder {
  /** Every Instance after those that it depends on; what is in a circle, in the order of names. */
  readonly keys: readonly ObjectKey[];
  /** Of each Instance that waits for itself: the names round to it again, `a → b → a`. */
  readonly cycles: ReadonlyMap<ObjectKey, string>;
}

const known = new WeakMap<object, InstanceOrder>();

/** The order of the Instances of one revision; the same map gives the same object. */
export function orderOf(instances: ReadonlyMap<ObjectKey, OrderedInstance>): InstanceOrder {
  const before = known.get(instances);
  if (before) return before;
  const order = instanceOrder([...instances.values()]);
  known.set(instances, order);
  return order;
}

/** Puts dependencies before what depends on them. Names that are none of `instances` do not count. */
export function instanceOrder(instances: readonly OrderedInstance[]): InstanceOrder {
  const edges = edgesOf(instances);
  const groups = connected(edges);
  const cycles = new Map<ObjectKey, string>();
  for (const group of groups) {
    const [first] = group;
    if (first === undefined || (group.length === 1 && !edges.get(first)?.includes(first))) continue;
    addCycles(group, edges, cycles);
  }
  return { keys: groups.flat(), cycles };
}

/**
 * For each Instance that is to be deleted, those that must be gone before: what depends on it goes
 * first. Nothing waits in a circle.
 */
export function removalOrder(
  removed: readonly OrderedInstance[],
): ReadonlyMap<ObjectKey, readonly ObjectKey[]> {
  const { cycles } = instanceOrder(removed);
  const edges = edgesOf(removed);
  const before = new Map<ObjectKey, ObjectKey[]>([...edges.keys()].map((key) => [key, []]));
  for (const [dependent, dependencies] of edges) {
    if (cycles.has(dependent)) continue;
    for (const dependency of dependencies) before.get(dependency)?.push(dependent);
  }
  return before;
}

type Edges = ReadonlyMap<ObjectKey, readonly ObjectKey[]>;

/** By key, so that the same Instances always give the same order. */
function edgesOf(instances: readonly OrderedInstance[]): Edges {
  const keys = new Set(instances.map(({ key }) => key));
  const sorted = instances.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return new Map(
    sorted.map(({ key, dependsOn = [] }) => [
      key,
      dependsOn.filter((one) => keys.has(one)).toSorted(),
    ]),
  );
}

interface Visit {
  readonly key: ObjectKey;
  readonly index: number;
  low: number;
  next: number;
}

/** Tarjan's strongly connected components without recursion, dependencies first. */
function connected(edges: Edges): readonly (readonly ObjectKey[])[] {
  const walk: Walk = { edges, visits: new Map(), path: [], open: [], isOpen: new Set() };
  const groups: ObjectKey[][] = [];
  for (const root of edges.keys()) {
    if (!walk.visits.has(root)) begin(root, walk);
    while (walk.path.length > 0) groups.push(...advance(walk));
  }
  return groups;
}

interface Walk {
  readonly edges: Edges;
  readonly visits: Map<ObjectKey, Visit>;
  /** From the root to where the walk is. */
  readonly path: Visit[];
  /** Visited, and not in a group yet. */
  readonly open: ObjectKey[];
  readonly isOpen: Set<ObjectKey>;
}

function begin(key: ObjectKey, { visits, path, open, isOpen }: Walk): void {
  const visit = { key, index: visits.size, low: visits.size, next: 0 };
  visits.set(key, visit);
  path.push(visit);
  open.push(key);
  isOpen.add(key);
}

/** One step of the walk; the group that it closes, if it does. */
function advance(walk: Walk): readonly ObjectKey[][] {
  const visit = walk.path.at(-1);
  if (!visit) return [];
  const to = walk.edges.get(visit.key)?.[visit.next];
  if (to === undefined) return leave(visit, walk);
  visit.next += 1;
  const seen = walk.visits.get(to);
  if (!seen) begin(to, walk);
  else if (walk.isOpen.has(to)) visit.low = Math.min(visit.low, seen.index);
  return [];
}

function leave({ key, index, low }: Visit, { path, open, isOpen }: Walk): readonly ObjectKey[][] {
  path.pop();
  const parent = path.at(-1);
  if (parent) parent.low = Math.min(parent.low, low);
  if (low !== index) return [];
  const group = open.splice(open.lastIndexOf(key));
  for (const member of group) isOpen.delete(member);
  return [group.toSorted()];
}

/** A way round is looked for from so many members of one group; the others are told the first one. */
const MAX_WAYS = 50;
const MAX_SHOWN = 10;

function addCycles(
  group: readonly ObjectKey[],
  edges: Edges,
  cycles: Map<ObjectKey, string>,
): void {
  const members = new Set(group);
  let ways = 0;
  for (const key of group) {
    if (cycles.has(key)) continue;
    ways += 1;
    const way = ways <= MAX_WAYS ? wayRound(key, members, edges) : [];
    for (const [at, on] of way.entries()) cycles.set(on, textFrom(at, way));
    if (way.length === 0) cycles.set(key, cycles.get(group[0] ?? key) ?? key);
  }
}

/** The shortest way from `start` back to it; without its end. */
function wayRound(
  start: ObjectKey,
  members: ReadonlySet<ObjectKey>,
  edges: Edges,
): readonly ObjectKey[] {
  const from = new Map<ObjectKey, ObjectKey>();
  const open: ObjectKey[] = [start];
  for (let at = 0; at < open.length; at++) {
    const key = open[at] ?? start;
    for (const to of edges.get(key) ?? []) {
      if (to === start) return wayTo(key, start, from);
      if (!members.has(to) || from.has(to)) continue;
      from.set(to, key);
      open.push(to);
    }
  }
  return [start];
}

function wayTo(
  end: ObjectKey,
  start: ObjectKey,
  from: ReadonlyMap<ObjectKey, ObjectKey>,
): readonly ObjectKey[] {
  const way = [end];
  for (let key = end; key !== start;) {
    key = from.get(key) ?? start;
    way.push(key);
  }
  return way.toReversed();
}

/** From the member at `at` round to it again; the middle of a long way is left out. */
function textFrom(at: number, way: readonly ObjectKey[]): string {
  const names = Array.from(
    { length: Math.min(way.length, MAX_SHOWN) },
    (_, index) => way[(at + index) % way.length] ?? '',
  );
  const left = way.length - names.length;
  return [...names, ...(left > 0 ? [`… ${String(left)} more`] : []), way[at]].join(' → ');
}
