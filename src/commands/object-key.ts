import { InvalidArgumentError } from 'commander';
import type { ObjectKey } from '../model/kube-object.ts';

/** Reads an option `<namespace>/<name>`. */
export function objectKey(text: string): ObjectKey {
  const [namespace, name, ...rest] = text.split('/');
  if (namespace && name && rest.length === 0) return `${namespace}/${name}`;
  throw new InvalidArgumentError('write namespace/name.');
}
