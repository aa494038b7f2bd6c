import { expect, test } from 'vitest';
import { lexTemplate } from './template-lexer.ts';

const lastKind = (number: string): string | undefined =>
  lexTemplate(`{{ ${number} }}`).at(-1)?.kind;

test.each(['08', '092', '-092', '0o92', '0b12', '0x'])(
  'the number %s is a fault of the template, as in Go',
  (number) => {
    expect(lastKind(number)).toBe('fault');
  },
);

test.each(['0', '017', '0o17', '0x1F', '0b101', '-12'])('the number %s is one', (number) => {
  expect(lastKind(number)).not.toBe('fault');
});
