import type { ObjectMeta } from '../model/kube-object.ts';
import type { ProblemList } from './problem-list.ts';
import { valuePosition, type SourceDocument } from './source-document.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** What Kubernetes takes as the name of an object: RFC 1123 subdomain, at most 253 characters. */
export function isObjectName(name: string): boolean {
  return name.length <= 253 && SUBDOMAIN.test(name);
}

/** RFC 1123 label, at most 63 characters. */
export function isNamespaceName(name: string): boolean {
  return name.length <= 63 && LABEL.test(name);
}

/** True when the API server will take name, namespace and labels. */
export function checkMetadata(
  document: SourceDocument,
  metadata: Pick<ObjectMeta, 'name' | 'namespace'> & {
    readonly labels?: Readonly<Record<string, string>> | null | undefined;
  },
  problems: ProblemList,
): boolean {
  const { name, namespace, labels } = metadata;
  const before = problems.errors;
  const refuse = (path: readonly string[], message: string, hint: string): void => {
    problems.error(valuePosition(document, path), { id: 'invalid-name', message, hint });
  };
  const form = 'lower-case letters, digits and "-"';
  if (!isObjectName(name)) {
    const message = `${JSON.stringify(name)} cannot be the name of an object`;
    refuse(['metadata', 'name'], message, `use ${form} or ".", at most 253 characters`);
  }
  if (namespace !== undefined && !isNamespaceName(namespace)) {
    const message = `${JSON.stringify(namespace)} cannot be the name of a namespace`;
    refuse(['metadata', 'namespace'], message, `use ${form}, at most 63 characters`);
  }
  for (const [label, value] of Object.entries(labels ?? {})) {
    if (LABEL_VALUE.test(value)) continue;
    const message = `${JSON.stringify(value)} cannot be the value of label ${label}`;
    const hint = 'use letters, digits, "-", "_" or ".", at most 63 characters';
    refuse(['metadata', 'labels', label], message, hint);
  }
  return problems.errors === before;
}
