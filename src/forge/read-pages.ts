import { Failure } from '../lib/failure.ts';

const MAX_PAGES = 20;

export interface Page<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

/**
 * Everything that a forge gives page by page; pages count from 1.
 *
 * @param what what is listed, for the message
 * @throws {Failure} `invalid` when there are more than 20 pages
 */
export async function readPages<T>(
  what: string,
  readPage: (page: number) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const { items: found, hasMore } = await readPage(page);
    items.push(...found);
    if (!hasMore) return items;
  }
  throw new Failure('invalid', `more than ${MAX_PAGES} pages of ${what}`, {
    hint: 'Close what is no longer needed there.',
  });
}
