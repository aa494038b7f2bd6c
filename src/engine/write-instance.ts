import { isDeepStrictEqual } from 'node:util';
import { KubeError, type KubeClient } from '../cluster/kube-client.ts';
import { INSTANCES } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { Instance } from '../kudo/objects.ts';
import { isDeleting } from './instance-fields.ts';
import { withoutSpentFinalizer } from './scheduled-plan.ts';

const STATUS_TRIES = 5;

/** How a write goes out, and who is told what the API server answered. */
export interface InstanceWriter {
  readonly client: KubeClient;
  readonly written: (instance: Instance) => void;
  /** Told when somebody else turns out to have written, which nobody may have looked at yet. */
  readonly overtaken: (instance: Instance) => void;
}

/**
 * Writes what a pass made of `before`: first spec and metadata, then the status, each only when it
 * changed. The order is KUDO's: were the status first, the next pass could run a plan that has ended
 * (instance_controller.go:339-376). A spec that somebody else wrote meanwhile is a conflict, thrown.
 * The status is ours alone, so a conflict there is read again: KUDO loses the outcome of the plan in
 * that case.
 */
export async function writeInstance(
  before: Instance,
  after: Instance,
  writer: InstanceWriter,
  scope: Scope,
): Promise<void> {
  const wanted = withoutSpentFinalizer(after);
  const stored = await writeSpec(before, wanted, writer, scope);
  try {
    await writeStatus(stored, wanted, writer, scope);
  } catch (thrown) {
    if (isDeleting(wanted) && (wanted.metadata.finalizers ?? []).length === 0) return;
    throw thrown;
  }
}

async function writeSpec(
  before: Instance,
  wanted: Instance,
  { client, written }: InstanceWriter,
  scope: Scope,
): Promise<Instance> {
  const same =
    isDeepStrictEqual(before.spec, wanted.spec) &&
    isDeepStrictEqual(before.metadata, wanted.metadata);
  if (same) return before;
  const body = { ...wanted, status: before.status };
  const stored = await client.replace<Instance>(pathTo(wanted), body, {}, scope);
  written(stored);
  return stored;
}

async function writeStatus(
  stored: Instance,
  wanted: Instance,
  writer: InstanceWriter,
  scope: Scope,
): Promise<void> {
  let latest = stored;
  for (let attempt = 1; ; attempt += 1) {
    if (isDeepStrictEqual(latest.status, wanted.status)) return;
    try {
      const path = { ...pathTo(wanted), subresource: 'status' };
      const body = { ...latest, status: wanted.status };
      writer.written(await writer.client.replace<Instance>(path, body, {}, scope));
      return;
    } catch (thrown) {
      if (!isConflict(thrown) || attempt === STATUS_TRIES) throw thrown;
      latest = await writer.client.get<Instance>(pathTo(wanted), scope);
      writer.overtaken(latest);
      if (latest.metadata.uid !== wanted.metadata.uid) throw thrown;
    }
  }
}

function pathTo({ metadata }: Instance): typeof INSTANCES & { namespace: string; name: string } {
  return { ...INSTANCES, namespace: metadata.namespace ?? '', name: metadata.name };
}

function isConflict(thrown: unknown): boolean {
  return thrown instanceof KubeError && thrown.code === 409;
}
