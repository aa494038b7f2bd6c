import { expect, test } from 'vitest';
import { parseDependsOn } from './depends-on.ts';

test.each([
  [
    'names of the same namespace, and of others',
    'zookeeper, data/kafka',
    ['shop/zookeeper', 'data/kafka'],
  ],
  ['a name that is written twice', 'mail,mail', ['shop/mail']],
  ['nothing', ' ', []],
])('reads %s', (_why, text, keys) => {
  expect(parseDependsOn(text, 'shop')).toEqual({ keys, wrong: [] });
});

test('of what cannot all be names nothing is taken, and each is said', () => {
  expect(parseDependsOn('mail, Big_Mail, a/b/c', 'shop')).toEqual({
    keys: [],
    wrong: [
      '"Big_Mail" cannot be the name of an Instance',
      '"a/b/c" cannot be the name of an Instance',
    ],
  });
  const many = Array.from({ length: 101 }, (_, index) => `i${index}`).join(',');
  expect(parseDependsOn(many, 'shop').wrong).toEqual(['depends-on names more than 100 Instances']);
});
