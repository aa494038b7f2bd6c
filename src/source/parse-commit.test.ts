import { expect, test } from 'vitest';
import { parseCommit } from './parse-commit.ts';

const OID = 'c'.repeat(40);
const TREE = 'a'.repeat(40);

function rawCommit({
  author = 'Ada <ada@example.org> 1700000000 +0100',
  committer = 'Grace <grace@example.org> 1700000060 -0500',
  extra = '',
  message = 'Scale kafka\n',
} = {}): Buffer {
  const text = `tree ${TREE}\nauthor ${author}\ncommitter ${committer}\n${extra}\n${message}`;
  return Buffer.from(text, 'latin1');
}

test('reads tree, people, time and subject', () => {
  expect(parseCommit(OID, rawCommit())).toEqual({
    oid: OID,
    tree: TREE,
    parents: [],
    author: { name: 'Ada', email: 'ada@example.org' },
    committedSeconds: 1_700_000_060,
    committedAt: '2023-11-14T22:14:20.000Z',
    subject: 'Scale kafka',
  });
});

test('a subject of several lines becomes one, and stops at the first empty line', () => {
  const parsed = parseCommit(OID, rawCommit({ message: '\nScale\nkafka\n \nbecause\n' }));
  expect(parsed?.subject).toBe('Scale kafka');
});

test('a signature does not hide the message', () => {
  const extra = 'gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n \n def\n -----END-----\n';
  expect(parseCommit(OID, rawCommit({ extra }))?.subject).toBe('Scale kafka');
});

test('nothing in a name or subject can move a terminal or turn text around', () => {
  const author = 'Eve\x1b[2J\t\x07 <e\x00ve@example.org> 1 +0000';
  const parsed = parseCommit(OID, rawCommit({ author, message: 'a\x1b]0;x\x07b\r\n' }));
  expect(parsed?.author).toEqual({ name: 'Eve [2J', email: 'e ve@example.org' });
  expect(parsed?.subject).toBe('a ]0;x b');
});

test('another encoding is decoded, an unknown one read as UTF-8', () => {
  const latin = rawCommit({ extra: 'encoding ISO-8859-1\n', message: 'Gr\xf6\xdfe' });
  expect(parseCommit(OID, latin)?.subject).toBe('Größe');
  const unknown = rawCommit({ extra: 'encoding klingon\n', message: 'Gr\xc3\xb6\xc3\x9fe' });
  expect(parseCommit(OID, unknown)?.subject).toBe('Größe');
});

test.each(['A <a@b.c> 99999999999999999999 +0000', 'A <a@b.c>', 'nobody', ''])(
  'a committer without a sane time (%j) is dated 1970',
  (committer) => {
    const parsed = parseCommit(OID, rawCommit({ committer }));
    expect(parsed?.committedAt).toBe('1970-01-01T00:00:00.000Z');
  },
);

test('long texts are cut', () => {
  const parsed = parseCommit(OID, rawCommit({ message: 'x'.repeat(100_000) }));
  expect(parsed?.subject).toHaveLength(500);
});

test.each(['', 'hello', `tree ${'z'.repeat(40)}\n\nx`])('%j is not a commit', (raw) => {
  expect(parseCommit(OID, Buffer.from(raw))).toBeUndefined();
});
