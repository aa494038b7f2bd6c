import { editsOf, type Change } from '../model/change.ts';
import { VERSION_FIELD } from '../plan/drift.ts';

/** What of an Instance a change sets, as fields that others may fight about. */
export function correctedFields(change: Change): readonly string[] {
  const names = editsOf(change).map(({ name }) => name);
  if (change.kind === 'set-parameters') return names;
  if (change.kind === 'upgrade') return [VERSION_FIELD, ...names];
  // The Instance as such: whether it is there, and whose it is.
  return [change.kind];
}
