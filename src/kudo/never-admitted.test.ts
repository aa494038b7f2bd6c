import { expect, test } from 'vitest';
import { anInstance, anOperatorVersion } from '../../test/fakes/kudo-objects.ts';
import { findNeverAdmitted, type Wish } from './never-admitted.ts';
import type { OperatorVersion, Parameter } from './objects.ts';
import { placeUpgradeEdits } from './upgrade-edits.ts';

const version = (
  name: string,
  parameters: readonly Parameter[],
  plans = ['deploy', 'update'],
): OperatorVersion => anOperatorVersion(name, plans, parameters);

/** The wish to have `desired` where there is `live`. */
function wish(
  live: Record<string, string> | undefined,
  desired: Record<string, string>,
  from: OperatorVersion,
  to = from,
): Wish {
  const names = new Set([...Object.keys(live ?? {}), ...Object.keys(desired)]);
  const edits = [...names]
    .map((name) => ({ name, from: live?.[name], to: desired[name] }))
    .filter((edit) => edit.from !== edit.to);
  const observed =
    live && anInstance({ operatorVersion: { name: from.metadata.name }, parameters: live });
  return { desired, observed, edits: live ? edits : [], from, to };
}

const ids = (given: Wish): (string | undefined)[][] =>
  findNeverAdmitted(given).map(({ id, parameter }) => [id, parameter]);

const DISK = { name: 'DISK', immutable: true };

test.each([
  {
    why: 'nothing is wrong',
    given: wish({ N: '1' }, { N: '2' }, version('v1', [{ name: 'N' }])),
    found: [],
  },
  {
    why: 'a parameter is unknown',
    given: wish({}, { TYPO: '1' }, version('v1', [])),
    found: [['unknown-parameter', 'TYPO']],
  },
  {
    why: 'a parameter is unknown at creation, which KUDO would swallow',
    given: wish(undefined, { TYPO: '1' }, version('v1', [])),
    found: [['unknown-parameter', 'TYPO']],
  },
  {
    why: 'there is no plan deploy',
    given: wish(undefined, {}, version('v1', [], ['update'])),
    found: [['missing-plan', undefined]],
  },
  {
    why: 'a required value is missing',
    given: wish(undefined, {}, version('v1', [{ name: 'N', required: true }])),
    found: [['missing-parameter', 'N']],
  },
  {
    why: 'a value does not fit its type',
    given: wish({}, { N: 'x' }, version('v1', [{ name: 'N', 'value-type': 'integer' }])),
    found: [['invalid-parameter', 'N']],
  },
  {
    why: 'an immutable value changes',
    given: wish({ DISK: '1' }, { DISK: '2' }, version('v1', [DISK])),
    found: [['immutable-parameter', 'DISK']],
  },
  {
    why: 'an immutable value is removed',
    given: wish({ DISK: '1' }, {}, version('v1', [DISK])),
    found: [['immutable-parameter', 'DISK']],
  },
  {
    why: 'an immutable value comes late',
    given: wish({}, { DISK: '1' }, version('v1', [DISK])),
    found: [['immutable-parameter', 'DISK']],
  },
  {
    why: 'an upgrade brings an immutable parameter without a value',
    given: wish({}, {}, version('v1', []), version('v2', [{ ...DISK, default: '1' }])),
    found: [['immutable-without-value', 'DISK']],
  },
  {
    why: 'an upgrade brings an immutable parameter with a value',
    given: wish({}, { DISK: '1' }, version('v1', []), version('v2', [DISK])),
    found: [],
  },
  {
    why: 'an upgrade freezes a parameter that has its value',
    given: wish(
      { DISK: '1' },
      { DISK: '1' },
      version('v1', [{ name: 'DISK' }]),
      version('v2', [DISK]),
    ),
    found: [],
  },
  {
    why: 'a trigger names a plan that is not there',
    given: wish({}, { N: '1' }, version('v1', [{ name: 'N', trigger: 'nowhere' }])),
    found: [['not-admitted', undefined]],
  },
])('when $why', ({ given, found }) => {
  expect(ids(given)).toEqual(found);
});

const MODE = (values: string[]) => ({ name: 'MODE', enum: values });

test('an enum that shrank beside an update plan is said to need a common value first', () => {
  const from = version('v1', [MODE(['a', 'b'])]);
  const to = version('v2', [MODE(['b', 'c'])]);
  const [found] = findNeverAdmitted(wish({ MODE: 'a' }, { MODE: 'c' }, from, to));
  expect(found).toMatchObject({ id: 'upgrade-refuses-value', parameter: 'MODE' });
  expect(found?.hint).toContain('that both versions allow (b)');
  expect(ids(wish({ MODE: 'a' }, { MODE: 'b' }, from, to))).toEqual([]);
});

test('a value that the new version refuses and the old one has frozen stays in the way', () => {
  const from = version('v1', [{ name: 'MODE', immutable: true }]);
  const to = version('v2', [MODE(['b'])]);
  expect(ids(wish({ MODE: 'a' }, { MODE: 'b' }, from, to))).toEqual([
    ['upgrade-refuses-value', 'MODE'],
  ]);
});

test('without an update plan the new value goes along with the upgrade', () => {
  const from = version('v1', [MODE(['a', 'b'])], ['deploy']);
  const to = version('v2', [MODE(['b', 'c'])], ['deploy']);
  expect(ids(wish({ MODE: 'a' }, { MODE: 'c' }, from, to))).toEqual([]);
});

test('edits stand before, in or after the upgrade as KUDO accepts them', () => {
  const from = version('v1', [{ name: 'BOTH' }, { name: 'OLD' }, { name: 'FROZEN' }]);
  const to = version('v2', [
    { name: 'BOTH' },
    { name: 'NEW' },
    { name: 'FROZEN', immutable: true },
  ]);
  const edit = (name: string, before?: string, after?: string) => ({
    name,
    from: before,
    to: after,
  });
  const edits = [
    edit('BOTH', '1', '2'),
    edit('OLD', '1'),
    edit('NEW', undefined, '1'),
    edit('FROZEN', '1', '2'),
  ];
  const { before, together, after } = placeUpgradeEdits(edits, from, to);
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
  expect([names(before), names(together), names(after)]).toEqual([
    ['FROZEN'],
    ['OLD', 'NEW'],
    ['BOTH'],
  ]);
});
