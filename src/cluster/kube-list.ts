import * as z from 'zod';
import { Failure } from '../lib/failure.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { ObjectList } from './kube-client.ts';

const List = z.object({
  apiVersion: z.string().default('v1'),
  kind: z.string().default('List'),
  metadata: z.object({ resourceVersion: z.string().default(''), continue: z.string().optional() }),
  items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })).nullable(),
});

/**
 * The list in an answer of the API server. Items of built-in kinds come without `apiVersion` and
 * `kind`; here each has them.
 *
 * @throws {Failure} `unreachable` when the answer is not a list: something else than an API server spoke
 */
export function toObjectList<T extends KubeObject>(
  answer: unknown,
  request: string,
): ObjectList<T> {
  const parsed = List.safeParse(answer);
  if (!parsed.success) {
    throw new Failure('unreachable', `the answer to ${request} is not a Kubernetes list`);
  }
  const { apiVersion, kind, metadata, items } = parsed.data;
  const itemKind = kind.replace(/List$/, '');
  return {
    items: (items ?? []).map((item) => ({ apiVersion, kind: itemKind, ...item }) as unknown as T),
    resourceVersion: metadata.resourceVersion,
    continue: metadata.continue === '' ? undefined : metadata.continue,
  };
}
