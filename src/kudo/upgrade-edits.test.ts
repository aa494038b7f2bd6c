import { expect, test } from 'vitest';
import { operatorVersion } from '../../test/builders.ts';
import { placeUpgradeEdits } from './upgrade-edits.ts';

const from = operatorVersion([{ name: 'NODES' }, { name: 'ZONE' }, { name: 'OLD' }]);
const to = (plans: readonly string[]) =>
  operatorVersion(
    [
      { name: 'NODES', trigger: 'deploy' },
      { name: 'ZONE', trigger: 'deploy', immutable: true },
      { name: 'NEW' },
    ],
    { name: 'queue-2.0.0', plans: [...plans] },
  );
const set = (name: string, before?: string, after?: string) => ({ name, from: before, to: after });

/** The place of each edit. */
function places(plans: readonly string[], ...edits: readonly ReturnType<typeof set>[]) {
  const placed = placeUpgradeEdits(edits, from, to(plans));
  return Object.fromEntries(
    (['before', 'together', 'after'] as const).flatMap((place) =>
      placed[place].map(({ name }) => [name, place]),
    ),
  );
}

test('what asks for plan deploy goes with an upgrade that runs it, and after any other', () => {
  expect(places(['deploy'], set('NODES', '3', '5'))).toEqual({ NODES: 'together' });
  expect(places(['deploy', 'upgrade'], set('NODES', '3', '5'))).toEqual({ NODES: 'after' });
});

test('what the upgrade freezes goes with it, whatever plan it runs', () => {
  expect(places(['deploy', 'upgrade'], set('ZONE', 'a', 'b'))).toEqual({ ZONE: 'together' });
});

test('what only one of the versions knows goes with the upgrade if it fits that one', () => {
  const edits = [set('NEW', undefined, 'x'), set('OLD', 'y', undefined)];
  expect(places(['deploy', 'upgrade'], ...edits)).toEqual({ NEW: 'together', OLD: 'together' });
  expect(places(['deploy', 'upgrade'], set('OLD', 'y', 'z'))).toEqual({ OLD: 'after' });
});
