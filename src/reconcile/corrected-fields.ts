import { describeEdit, describeUpgrade, driftText, editsOf, type Change } from '../model/change.ts';
import { VERSION_FIELD } from '../plan/drift.ts';

/** What of an Instance a change sets, as fields that others may fight about. */
export function correctedFields(change: Change): readonly string[] {
  const names = editsOf(change).map(({ name }) => name);
  if (change.kind === 'set-parameters') return names;
  if (change.kind === 'upgrade') return [VERSION_FIELD, ...names];
  // The Instance as such: whether it is there, and whose it is.
  return [change.kind];
}

/** What the change sets back, for people; empty when it sets nothing back. */
export function correctedText(change: Change): string {
  const edits = editsOf(change).filter(({ isDrift }) => isDrift === true);
  const isUpgrade = change.kind === 'upgrade' && change.isDrift === true;
  const version = isUpgrade ? [`${describeUpgrade(change)}${driftText(change)}`] : [];
  return [...version, ...edits.map(describeEdit)].join(', ');
}
