import { expect, test } from 'vitest';
import { QUEUE, READ_ALL } from '../../test/fakes/read-files.ts';
import { DesiredCache } from './desired-cache.ts';
import { parseAhead } from './parse-ahead.ts';
import { readDesired } from './read-desired.ts';

const PACKAGE = 'operatorVersion: 1.0.0\nname: queue\ntasks: []\nplans: {}\n';
const FILES = [
  { path: 'a.yaml', text: QUEUE },
  { path: 'b.yaml', text: QUEUE.replace('orders', 'mail') },
  { path: 'README.md', text: '# A fleet' },
  { path: 'queue/operator.yaml', text: PACKAGE },
];

test('every file is parsed in a step of its own, and not again by who reads the state', () => {
  const cache = new DesiredCache();
  const options = { ...READ_ALL, cache };
  expect([...parseAhead(FILES, options)]).toHaveLength(2);
  const texts: string[] = [];
  const file = cache.file.bind(cache);
  cache.file = (path, text, read) =>
    file(path, text, () => {
      texts.push(path);
      return read();
    });
  expect([...readDesired(FILES, options).instances.keys()]).toEqual(['shop/mail', 'shop/orders']);
  expect(texts).toEqual([]);
});

test('no more documents are parsed than a revision may have', () => {
  const options = { ...READ_ALL, cache: new DesiredCache(), limits: { maxDocuments: 1 } };
  expect([...parseAhead(FILES, options)]).toHaveLength(1);
});
