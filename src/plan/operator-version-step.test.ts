import { describe, expect, test } from 'vitest';
import { operatorVersion } from '../../test/builders.ts';
import { CONVERTER_VERSION } from '../kudo/convert-package.ts';
import type { OperatorVersion } from '../kudo/objects.ts';
import type { DesiredObject } from '../model/desired.ts';
import { ANNOTATION } from '../model/names.ts';
import { contentUid, operatorVersionStep, type ReplacePolicy } from './operator-version-step.ts';

const WANTED: DesiredObject<OperatorVersion> = {
  key: 'shop/queue-1.0.0',
  object: operatorVersion([{ name: 'NODES', default: '5' }]),
  position: { file: 'queue/operator.yaml', line: 2, column: 1 },
  contentHash: 'new',
  madeFrom: { packageHash: 'package' },
};

const REFUSES: ReplacePolicy = { isAllowed: false, users: () => [] };
const REPLACES: ReplacePolicy = {
  isAllowed: true,
  users: () => [{ key: 'shop/orders', isOurs: true }],
};

/** The OperatorVersion with a parameter's default as it was. */
function live(nodes: string, annotations: Record<string, string> = {}): OperatorVersion {
  return operatorVersion([{ name: 'NODES', default: nodes }], { annotations });
}

describe('an OperatorVersion', () => {
  test('that the cluster lacks is created', () => {
    expect(operatorVersionStep(WANTED, undefined, REFUSES)).toEqual({ kind: 'create' });
  });

  test('that says the same is kept, whoever made it', () => {
    expect(operatorVersionStep(WANTED, live('5'), REFUSES)).toEqual({ kind: 'keep' });
  });

  test('that says something else under the same name is refused with its place and the cure', () => {
    expect(operatorVersionStep(WANTED, live('3'), REFUSES)).toMatchObject({
      kind: 'refuse',
      problem: {
        id: 'operator-version-changed',
        file: 'queue/operator.yaml',
        line: 2,
        hint: expect.stringContaining('raise operatorVersion') as string,
      },
    });
  });

  test.each([
    ['another version of this program made it of the same package', 'package', '0', 'keep'],
    ['the same version made it of the same package: somebody edited it', 'package', '=', 'refuse'],
    ['another version made it of another package', 'other', '0', 'refuse'],
    ['nobody says by which version it was made', 'package', undefined, 'refuse'],
  ])('is judged by what it was made of: %s', (_, packageHash, converter, kind) => {
    const made = {
      [ANNOTATION.packageHash]: packageHash,
      ...(converter && {
        [ANNOTATION.converter]: converter === '=' ? CONVERTER_VERSION : converter,
      }),
    };
    expect(operatorVersionStep(WANTED, live('3', made), REFUSES).kind).toBe(kind);
  });

  test('is replaced when the Sync allows it', () => {
    const observed = live('3');
    expect(operatorVersionStep(WANTED, observed, REPLACES)).toEqual({ kind: 'replace', observed });
  });

  test('is not replaced under Instances that the Sync cannot upgrade', () => {
    const policy = {
      isAllowed: true,
      users: () => [{ key: 'shop/theirs', isOurs: false } as const],
    };
    const step = operatorVersionStep(WANTED, live('3'), policy);
    expect(step.kind === 'refuse' && step.problem.message).toMatch(/Instance shop\/theirs refers/);
  });
});

describe('the uid in references', () => {
  const uid = (observed: OperatorVersion | undefined): string | undefined =>
    contentUid(WANTED, observed, operatorVersionStep(WANTED, observed, REPLACES));

  test('says nothing while the content never changed', () => {
    expect([uid(undefined), uid(live('5', { [ANNOTATION.contentHash]: 'new' }))]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('is the hash of the content that is to replace the old one', () => {
    expect(uid(live('3'))).toBe('new');
  });

  test('is the hash of the content that has replaced it, for Instances made later too', () => {
    const replaced = { [ANNOTATION.contentHash]: 'new', [ANNOTATION.replaced]: 'old' };
    expect(uid(live('5', replaced))).toBe('new');
  });
});
