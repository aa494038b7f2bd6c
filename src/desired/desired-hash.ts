import type { DesiredInstance } from '../model/desired.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * Changes exactly when a commit touches what Git says of the Instance, or the content of its
 * OperatorVersion; where it stands in which file does not matter.
 */
export function desiredHash(
  instance: DesiredInstance,
  operatorVersionHash: string | undefined,
  hash: (text: string) => string,
): string {
  const { namespace, name, operatorVersion, parameters, labels, annotations } = instance;
  const said = { namespace, name, operatorVersion, parameters, labels, annotations };
  return hash(canonicalJson({ ...said, operatorVersionHash }));
}
