import { expect, test } from 'vitest';
import { operatorVersion } from '../../test/builders.ts';
import type { Parameter } from './objects.ts';
import { sameContent } from './same-content.ts';

const same = (a: Partial<Parameter>, b: Partial<Parameter>): boolean =>
  sameContent(
    operatorVersion([{ name: 'NODES', ...a }]),
    operatorVersion([{ name: 'NODES', ...b }]),
  );

test.each([
  ['nothing and an empty text', {}, { description: '' }, true],
  ['nothing and false', {}, { required: false }, true],
  ['no enum and an empty one', {}, { enum: [] }, true],
  ['fields in another order', { trigger: 'x', default: '1' }, { default: '1', trigger: 'x' }, true],
  ['another default', { default: '1' }, { default: '2' }, false],
  ['no default and an empty one, which is a value', {}, { default: '' }, false],
])('%s: %s', (_why, a, b, expected) => {
  expect(same(a, b)).toBe(expected);
});
