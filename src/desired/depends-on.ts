import type { ObjectKey } from '../model/kube-object.ts';
import { isNamespaceName, isObjectName } from './check-name.ts';

/** More names than this are a mistake. */
const MAX_NAMES = 100;

/**
 * The Instances that annotation `gitops.kudo.dev/depends-on` names, each once, in its order: names
 * separated by commas, of the same `namespace` unless one stands before a slash. `wrong` says what
 * cannot be a name.
 */
export function parseDependsOn(
  text: string | undefined,
  namespace: string,
): { readonly keys: readonly ObjectKey[]; readonly wrong: readonly string[] } {
  if (text === undefined || text.trim() === '') return { keys: [], wrong: [] };
  const words = text.split(',').map((word) => word.trim());
  if (words.length > MAX_NAMES) {
    return { keys: [], wrong: [`depends-on names more than ${String(MAX_NAMES)} Instances`] };
  }
  const wrong = words.filter((word) => !isInstanceName(word));
  const keys = words.map((word): ObjectKey => {
    const slash = word.indexOf('/');
    return slash === -1
      ? `${namespace}/${word}`
      : `${word.slice(0, slash)}/${word.slice(slash + 1)}`;
  });
  return {
    keys: wrong.length === 0 ? [...new Set(keys)] : [],
    wrong: wrong.map((word) => `${JSON.stringify(word)} cannot be the name of an Instance`),
  };
}

function isInstanceName(word: string): boolean {
  const slash = word.indexOf('/');
  if (slash === -1) return isObjectName(word);
  return isNamespaceName(word.slice(0, slash)) && isObjectName(word.slice(slash + 1));
}
