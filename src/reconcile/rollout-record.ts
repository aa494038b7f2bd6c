import type { KubeClient } from '../cluster/kube-client.ts';
import { pathOf, ROLLOUT_PARTS, ROLLOUTS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, splitKey, type ObjectKey } from '../model/kube-object.ts';
import { API_VERSION, FIELD_MANAGER } from '../model/names.ts';
import { oidOf } from '../model/revision.ts';
import {
  CHANGES_PER_OBJECT,
  isVerdict,
  type ChangeRecord,
  type ChangeRecords,
  type OutboxEntry,
  type Rollout,
  type RolloutPart,
  type RolloutSpec,
  type RolloutStatus,
} from '../model/rollout.ts';
import type { NumberedRecord } from '../plan/instance-situation.ts';
import { nulled, storePart, type RecordPart } from './record-part.ts';

/** Every field of a Rollout's status but the changes, which have their own ways in. */
export type RolloutFields = Omit<RolloutStatus, 'changes' | 'parts'>;

/**
 * One Rollout as its only writer sees it: changes are made here and stored by `flush`, guarded by
 * resourceVersion. More than 200 changes go to RolloutPart objects.
 */
export class RolloutRecord {
  readonly key: ObjectKey;
  readonly uid: string;
  readonly spec: RolloutSpec;
  readonly #records = new Map<ObjectKey, Map<number, ChangeRecord>>();
  /** What `recordsOf` and `records` gave, while it holds. */
  readonly #ordered = new Map<ObjectKey, readonly NumberedRecord[]>();
  #all: ReadonlyMap<ObjectKey, readonly NumberedRecord[]> | undefined;
  readonly #partOf = new Map<string, number>();
  readonly #parts: RecordPart[] = [];
  #fields: RolloutFields;
  #dirtyFields: Partial<RolloutFields> = {};
  #storedParts = 0;
  #flushing: Promise<void> = Promise.resolve();

  constructor(rollout: Rollout, parts: readonly RolloutPart[]) {
    this.key = keyOf(rollout);
    this.uid = rollout.metadata.uid ?? '';
    this.spec = rollout.spec;
    const { changes, parts: _, ...fields } = rollout.status ?? {};
    this.#fields = fields;
    this.#storedParts = rollout.status?.parts ?? 0;
    this.#load(0, rollout.metadata.resourceVersion, changes);
    for (const part of parts.toSorted((a, b) => a.spec.index - b.spec.index)) {
      this.#load(part.spec.index, part.metadata.resourceVersion, part.status?.changes);
    }
  }

  get oid(): string {
    return oidOf(this.spec.revision);
  }

  get fields(): RolloutFields {
    return this.#fields;
  }

  get outbox(): readonly OutboxEntry[] {
    return this.#fields.outbox ?? [];
  }

  get isFinished(): boolean {
    return isVerdict(this.#fields.phase);
  }

  /** By Instance, each in the order of its numbers. */
  records(): ReadonlyMap<ObjectKey, readonly NumberedRecord[]> {
    return (this.#all ??= new Map(
      [...this.#records.keys()].map((key) => [key, this.recordsOf(key)]),
    ));
  }

  recordsOf(key: ObjectKey): readonly NumberedRecord[] {
    const known = this.#ordered.get(key);
    if (known) return known;
    const ordered = [...(this.#records.get(key) ?? [])]
      .map(([n, record]) => ({ n, record }))
      .toSorted((a, b) => a.n - b.n);
    this.#ordered.set(key, ordered);
    return ordered;
  }

  /** Instances with records. */
  keys(): Iterable<ObjectKey> {
    return this.#records.keys();
  }

  get(key: ObjectKey, n: number): ChangeRecord | undefined {
    return this.#records.get(key)?.get(n);
  }

  /** Takes a record over, or away, until the next flush stores it. */
  set(key: ObjectKey, n: number, record: ChangeRecord | undefined): void {
    this.#ordered.delete(key);
    this.#all = undefined;
    const changeKey = `${key}/${String(n)}`;
    const ofInstance = this.#records.get(key) ?? new Map<number, ChangeRecord>();
    this.#records.set(key, ofInstance);
    const known = this.#partOf.get(changeKey);
    if (!record) {
      ofInstance.delete(n);
      if (known === undefined) return;
      this.#part(known).dirty.set(changeKey, null);
      this.#part(known).size -= 1;
      this.#partOf.delete(changeKey);
      return;
    }
    ofInstance.set(n, record);
    const index = known ?? this.#placeFor(changeKey);
    this.#part(index).dirty.set(changeKey, record);
  }

  update(fields: Partial<RolloutFields>): void {
    for (const [name, value] of Object.entries(fields)) {
      if (isSame(this.#fields[name as keyof RolloutFields], value)) continue;
      this.#fields = { ...this.#fields, [name]: value };
      this.#dirtyFields = { ...this.#dirtyFields, [name]: value };
    }
  }

  get isDirty(): boolean {
    return (
      Object.keys(this.#dirtyFields).length > 0 || this.#parts.some(({ dirty }) => dirty.size > 0)
    );
  }

  /**
   * Stores what is not stored yet. Calls are carried out one after the other.
   *
   * @throws {KubeError} 409 when somebody else wrote the Rollout: then this record is void
   */
  async flush(client: KubeClient, scope: Scope): Promise<void> {
    const before = this.#flushing;
    const flushed = before.catch(() => undefined).then(() => this.#flushNow(client, scope));
    this.#flushing = flushed;
    await flushed;
  }

  async #flushNow(client: KubeClient, scope: Scope): Promise<void> {
    for (let index = 1; index < this.#parts.length; index++) {
      if (this.#part(index).dirty.size > 0) await this.#storePart(index, client, scope);
    }
    const main = this.#part(0);
    const fields = this.#dirtyFields;
    const isSame = main.dirty.size === 0 && Object.keys(fields).length === 0;
    if (isSame && this.#parts.length - 1 === this.#storedParts) return;
    this.#dirtyFields = {};
    const parts = this.#parts.length - 1;
    const status = { ...nulled(fields), ...(parts > 0 ? { parts } : {}) };
    const path = { ...pathOf(ROLLOUTS, this.key), subresource: 'status' };
    try {
      await storePart(main, { path, status }, client, scope);
      this.#storedParts = parts;
    } catch (thrown) {
      this.#dirtyFields = { ...fields, ...this.#dirtyFields };
      throw thrown;
    }
  }

  async #storePart(index: number, client: KubeClient, scope: Scope): Promise<void> {
    const part = this.#part(index);
    if (part.resourceVersion === undefined) await this.#createPart(index, client, scope);
    const path = { ...pathOf(ROLLOUT_PARTS, this.#partKey(index)), subresource: 'status' };
    await storePart(part, { path, status: {} }, client, scope);
  }

  async #createPart(index: number, client: KubeClient, scope: Scope): Promise<void> {
    const key = this.#partKey(index);
    const { namespace, name } = splitKey(key);
    const rollout = splitKey(this.key).name;
    const owner = { apiVersion: API_VERSION, kind: 'Rollout', name: rollout, uid: this.uid };
    const created = await client.create<RolloutPart>(
      { ...ROLLOUT_PARTS, namespace },
      {
        apiVersion: API_VERSION,
        kind: 'RolloutPart',
        metadata: { name, namespace, ownerReferences: [owner] },
        spec: { rollout, index },
      },
      { fieldManager: FIELD_MANAGER },
      scope,
    );
    this.#part(index).resourceVersion = created.metadata.resourceVersion;
  }

  #partKey(index: number): ObjectKey {
    return `${this.key}-p${String(index)}` as ObjectKey;
  }

  #placeFor(changeKey: string): number {
    const roomy = this.#parts.findIndex(({ size }) => size < CHANGES_PER_OBJECT);
    const index = roomy === -1 ? this.#parts.length : roomy;
    this.#part(index).size += 1;
    this.#partOf.set(changeKey, index);
    return index;
  }

  #part(index: number): RecordPart {
    while (this.#parts.length <= index) {
      this.#parts.push({ resourceVersion: undefined, size: 0, dirty: new Map() });
    }
    return this.#parts[index] as RecordPart;
  }

  #load(index: number, resourceVersion: string | undefined, changes: ChangeRecords = {}): void {
    const part = this.#part(index);
    part.resourceVersion = resourceVersion;
    for (const [changeKey, record] of Object.entries(changes)) {
      const slash = changeKey.lastIndexOf('/');
      const key = changeKey.slice(0, slash) as ObjectKey;
      const ofInstance = this.#records.get(key) ?? new Map<number, ChangeRecord>();
      ofInstance.set(Number(changeKey.slice(slash + 1)), record);
      this.#records.set(key, ofInstance);
      this.#partOf.set(changeKey, index);
      part.size += 1;
    }
  }
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
