import type { OperatorVersion } from '../kudo/objects.ts';
import { canonicalJson } from './canonical-json.ts';

/** Changes exactly when a package's own files change, or the versions of the packages that it depends on. */
export function packageHash(
  files: ReadonlyMap<string, string>,
  { spec }: OperatorVersion,
  hash: (text: string) => string,
): string {
  const dependencies = (spec?.tasks ?? []).filter(({ kind }) => kind === 'KudoOperator');
  return hash(canonicalJson([Object.fromEntries(files), dependencies]));
}
