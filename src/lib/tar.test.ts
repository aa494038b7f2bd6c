import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packTarball, unpackTarball } from './tar.ts';

const LIMITS = { maxFiles: 10, maxBytes: 1 << 20 };

const name = fc
  .array(fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,60}$/), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));

describe('a tarball', () => {
  test('gives its files back', async () => {
    const dictionary = fc.dictionary(name, fc.uint8Array({ maxLength: 2_000 }), { maxKeys: 10 });
    await fc.assert(
      fc.asyncProperty(dictionary, async (given) => {
        const wanted = new Map(
          Object.entries(given).map(([path, bytes]) => [path, Buffer.from(bytes)]),
        );
        const unpacked = await unpackTarball(packTarball(wanted), LIMITS);
        expect(Object.fromEntries(unpacked)).toEqual(Object.fromEntries(wanted));
      }),
    );
  });

  test('has the same bytes whatever the order of its files', () => {
    const [a, b] = [Buffer.from('one'), Buffer.from('two')];
    const forth = packTarball(
      new Map([
        ['a', a],
        ['b', b],
      ]),
    );
    expect(
      packTarball(
        new Map([
          ['b', b],
          ['a', a],
        ]),
      ),
    ).toEqual(forth);
  });

  test.each([
    { why: 'too many files', packed: packTarball(files(11)), message: /more than 10 files/ },
    {
      why: 'too many bytes',
      packed: packTarball(new Map([['a', Buffer.alloc(2 << 20)]])),
      message: /cannot be unpacked/,
    },
    { why: 'no gzip', packed: Buffer.from('hello'), message: /cannot be unpacked/ },
    { why: 'no tar', packed: gzipSync(Buffer.alloc(600, 'x')), message: /damaged/ },
    {
      why: 'a path that leads out of it',
      packed: packTarball(new Map([['templates/../../x', Buffer.from('x')]])),
      message: /outside of itself/,
    },
  ])('with $why is refused', async ({ packed, message }) => {
    await expect(unpackTarball(packed, LIMITS)).rejects.toThrow(message);
  });

  test('refuses to hold a path that the format cannot', () => {
    const long = `${'a'.repeat(101)}.yaml`;
    expect(() => packTarball(new Map([[long, Buffer.alloc(0)]]))).toThrow(/too long/);
  });
});

function files(count: number): Map<string, Buffer> {
  return new Map(
    Array.from({ length: count }, (_, index) => [`file-${index}`, Buffer.from('x')] as const),
  );
}
