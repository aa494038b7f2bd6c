import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperatorVersion } from '../../src/kudo/objects.ts';
import { readPackage } from '../../src/kudo/package-reader.ts';
import { readPackages } from './community-packages.ts';
import { startOracle, type Oracle } from './oracle.ts';

const VARIANTS = Number(process.env['FIDELITY_VARIANTS'] ?? 3_000);

let oracle: Oracle;
let packages: Awaited<ReturnType<typeof readPackages>>;
beforeAll(async () => {
  oracle = await startOracle();
  packages = await readPackages();
});
afterAll(() => {
  oracle.stop();
});

test('every package becomes the same Operator and OperatorVersion as with KUDO', async () => {
  expect(packages.size).toBeGreaterThan(0);
  for (const [name, files] of packages)
    expect([name, ourObjects(files)]).toEqual([name, await kudosObjects(files)]);
});

test('broken variants of packages are refused exactly when KUDO refuses them', async () => {
  const small = [...packages.values()].filter(
    (files) => (files.get('params.yaml') ?? '').length < 20_000,
  );
  const variant = fc
    .tuple(fc.constantFrom(...small), fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([files, edits]) => edits.reduce((now, apply) => apply(now), files));
  await fc.assert(
    fc.asyncProperty(variant, async (files) => {
      expect(ourObjects(files)).toEqual(await kudosObjects(files));
    }),
    { numRuns: VARIANTS },
  );
}, 300_000);

type Files = ReadonlyMap<string, string>;

function ourObjects(files: Files): unknown {
  const { operator, operatorVersion } = readPackage(files);
  return operator && operatorVersion ? plain({ operator, operatorVersion }) : 'refused';
}

async function kudosObjects(files: Files): Promise<unknown> {
  const answer = await oracle.ask({ op: 'convert', files: Object.fromEntries(files) });
  if (answer['error'] !== undefined || isNameless(answer)) return 'refused';
  return plain({ operator: answer['operator'], operatorVersion: answer['operatorVersion'] });
}

/** KUDO's reader takes a package without a name or version, of which no cluster can make an object. */
function isNameless(answer: Record<string, unknown>): boolean {
  const { spec } = answer['operatorVersion'] as OperatorVersion;
  return !spec?.operator?.name || !spec.version;
}

/** Without what Go's structs add to every object. */
function plain(objects: Readonly<Record<string, unknown>>): unknown {
  const copy = JSON.parse(JSON.stringify(objects)) as Record<string, Record<string, unknown>>;
  for (const object of Object.values(copy)) {
    delete object['status'];
    delete (object['metadata'] as Record<string, unknown>)['creationTimestamp'];
  }
  return copy;
}

type Edit = (files: Files) => Files;

const yamlFile = fc.constantFrom('operator.yaml', 'params.yaml');

/** A file less, a line less, or a value of another type. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 1, arbitrary: fc.nat().map((index) => withoutFile(index)) },
  {
    weight: 3,
    arbitrary: fc.tuple(yamlFile, fc.nat()).map(([file, index]) => withoutLine(file, index)),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        yamlFile,
        fc.nat(),
        fc.constantFrom(
          '7',
          '1.50',
          'true',
          'no',
          '[a, 1]',
          '{a: 1}',
          '~',
          '"x"',
          '1e6',
          '1000000',
          '010',
          '.5',
          '2001-01-01',
          '',
          'a: b',
          '!!str 5',
          '0.1',
          '-0',
          '12345678901234567890',
        ),
      )
      .map(([file, index, value]) => withValue(file, index, value)),
  },
);

function withoutFile(index: number): Edit {
  return (files) => {
    const names = [...files.keys()].toSorted();
    const gone = names[index % Math.max(names.length, 1)];
    return new Map([...files].filter(([name]) => name !== gone));
  };
}

function withoutLine(file: string, index: number): Edit {
  return (files) => changeLine(files, file, index, () => []);
}

function withValue(file: string, index: number, value: string): Edit {
  return (files) =>
    changeLine(files, file, index, (line) => [
      line.replace(/^(\s*(?:- )*(?:[\w-]+:)?).*$/, `$1 ${value}`),
    ]);
}

function changeLine(
  files: Files,
  file: string,
  index: number,
  change: (line: string) => string[],
): Files {
  const text = files.get(file);
  if (text === undefined) return files;
  const lines = text.split('\n');
  const at = index % lines.length;
  const changed = lines.flatMap((line, number) => (number === at ? change(line) : [line]));
  return new Map([...files, [file, changed.join('\n')]]);
}
