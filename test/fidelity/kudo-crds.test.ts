import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { KUDO_CRDS } from '../../src/cluster/kudo-crds.ts';
import { ensureTools } from '../cluster/binaries.ts';
import { without } from '../repository/loose-schema.ts';

test.each(KUDO_CRDS.map((crd) => [crd.metadata.name, crd] as const))(
  'the CRD %s is built as in the KUDO module',
  async (name, crd) => {
    const { kudo } = await ensureTools(['kudo']);
    const file = join(kudo, 'crds', `kudo.dev_${name.split('.')[0]}.yaml`);
    const theirs = load(await readFile(file, 'utf8')) as { spec: unknown };
    const bare = (spec: unknown): unknown => without(['description'], spec);
    expect(bare(crd.spec)).toEqual(bare(theirs.spec));
  },
);
